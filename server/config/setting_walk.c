#include "server/config/setting_walk.h"

typedef struct {
    sio_setting_walk_fn fn;
    void               *arg;
    sio_buf             name;
} walk;

/* NOLINTBEGIN(misc-no-recursion): it goes as deep as the tables of settings do */

static void walk_table(walk *w, const sio_setting_table *t);

static void
tell_row(walk *w, const sio_setting *s)
{
    const size_t len = w->name.len;

    sio_buf_add_char(&w->name, '\0');
    if (!w->name.failed)
        w->fn(s, w->name.data, w->arg);
    w->name.len = len;
}

static void
walk_row(walk *w, const sio_setting *s)
{
    const size_t outer = w->name.len;

    if (s->key != NULL) {
        sio_buf_add_str(&w->name, outer > 0 ? "." : "");
        sio_buf_add_str(&w->name, s->key);
    }
    if (s->kind != SIO_SETTING_OBJECT)
        tell_row(w, s);
    if (s->kind == SIO_SETTING_OBJECTS)
        sio_buf_add_str(&w->name, "[]");
    if (s->members != NULL)
        walk_table(w, s->members);
    w->name.len = outer;
}

static void
walk_table(walk *w, const sio_setting_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        walk_row(w, &t->rows[i]);
}

/* NOLINTEND(misc-no-recursion) */

bool
sio_setting_walk(sio_setting_walk_fn fn, void *arg)
{
    walk w = {.fn = fn, .arg = arg};
    bool is_whole;

    sio_buf_init(&w.name, SIZE_MAX);
    walk_table(&w, &sio_settings);
    is_whole = !w.name.failed;
    sio_buf_fini(&w.name);
    return is_whole;
}
