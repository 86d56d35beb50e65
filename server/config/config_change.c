#include "server/config/config_change.h"

#include "server/config/config_table.h"
#include "server/config/config_value.h"
#include "server/config/setting_explain.h"

static bool
is_same(const sio_setting *s, const void *a, const void *b)
{
    sio_buf texts[2];
    bool    is_equal;

    sio_buf_init(&texts[0], SIZE_MAX);
    sio_buf_init(&texts[1], SIZE_MAX);
    sio_config_value_print(s, a, false, &texts[0]);
    sio_config_value_print(s, b, false, &texts[1]);
    is_equal = sio_view_eq(sio_buf_view(&texts[0]), sio_buf_view(&texts[1]));
    sio_buf_fini(&texts[0]);
    sio_buf_fini(&texts[1]);
    return is_equal;
}

static bool
may_change(const sio_setting *s, const void *base)
{
    if (s->reload == SIO_RELOAD_NEW_IF_ON)
        return sio_config_value_number(s, base) > 0;
    return s->reload != SIO_RELOAD_NEVER;
}

/* Two structs of the same settings. */
typedef struct {
    sio_buf  path; /* of them, in sio_cfg */
    sio_buf *changed, *kept;
} change;

static void
add_key(change *c, sio_buf *keys, const char *key)
{
    const size_t outer = c->path.len;

    sio_setting_explain_add_path(&c->path, key);
    sio_buf_add_str(keys, keys->len > 0 ? ", " : "");
    sio_buf_add_view(keys, sio_buf_view(&c->path));
    c->path.len = outer;
}

/* NOLINTBEGIN(misc-no-recursion): it goes as deep as the tables of settings do */

static void apply_table(change *c, const sio_setting_table *t, void *current, void *fresh);

static void
apply_members(change *c, const sio_setting *s, void *current, void *fresh)
{
    const size_t outer = c->path.len;

    sio_setting_explain_add_path(&c->path, s->key);
    apply_table(c, s->members, (char *)current + s->offset, (char *)fresh + s->offset);
    c->path.len = outer;
}

/* What may not change is exchanged here, and once more with all the others. */
static void
apply_table(change *c, const sio_setting_table *t, void *current, void *fresh)
{
    for (size_t i = 0; i < t->n; i++) {
        const sio_setting *s = &t->rows[i];

        if (s->kind == SIO_SETTING_SECTION || is_same(s, current, fresh))
            continue;
        if (s->kind == SIO_SETTING_OBJECT) {
            apply_members(c, s, current, fresh);
        } else if (may_change(s, current)) {
            add_key(c, c->changed, s->key);
        } else {
            add_key(c, c->kept, s->key);
            sio_config_value_swap(s, current, fresh);
        }
    }
}

/* NOLINTEND(misc-no-recursion) */

void
sio_config_change_apply(sio_cfg *cfg, sio_cfg *fresh, sio_buf *changed, sio_buf *kept)
{
    change  c = {.changed = changed, .kept = kept};
    sio_cfg old;

    sio_buf_init(&c.path, SIZE_MAX);
    apply_table(&c, &sio_settings, cfg, fresh);
    sio_buf_fini(&c.path);
    old = *cfg;
    *cfg = *fresh;
    *fresh = old;
}
