#include "server/config/config_difference.h"

#include <stdlib.h>

#include "protocol/result.h"
#include "server/config/config.h"
#include "server/config/config_value.h"
#include "server/config/setting_explain.h"

static bool
is_changed(const sio_setting *s, const void *base, const void *usual, sio_buf *out)
{
    sio_buf texts[2];
    bool    is_equal;

    sio_buf_init(&texts[0], SIZE_MAX);
    sio_buf_init(&texts[1], SIZE_MAX);
    sio_config_value_print(s, base, false, &texts[0]);
    sio_config_value_print(s, usual, false, &texts[1]);
    is_equal = sio_view_eq(sio_buf_view(&texts[0]), sio_buf_view(&texts[1]));
    out->failed = out->failed || texts[0].failed || texts[1].failed;
    sio_buf_fini(&texts[0]);
    sio_buf_fini(&texts[1]);
    return !is_equal;
}

/* NOLINTBEGIN(misc-no-recursion): it goes as deep as the tables of settings do */

static void
print_item(const sio_setting_table *t, const void *item, sio_buf *out)
{
    void *usual = calloc(1, t->size);

    if (usual == NULL) {
        out->failed = true;
        return;
    }
    if (sio_config_value_init_all(t, usual) == SIO_OK)
        sio_config_difference_print(t, item, usual, out);
    else
        out->failed = true;
    sio_config_value_free_all(t, usual);
    free(usual);
}

static void
print_items(const sio_setting_table *t, const sio_cfg_list *list, sio_buf *out)
{
    sio_buf_add_char(out, '[');
    for (size_t i = 0; i < list->n; i++) {
        sio_buf_add_str(out, i == 0 ? "" : ",");
        print_item(t, (const char *)list->items + i * t->size, out);
    }
    sio_buf_add_char(out, ']');
}

static void
print_difference(const sio_setting *s, const void *base, const void *usual, sio_buf *out)
{
    const void *field = (const char *)base + s->offset;

    if (s->kind == SIO_SETTING_OBJECT)
        sio_config_difference_print(s->members, field, (const char *)usual + s->offset, out);
    else if (s->kind == SIO_SETTING_OBJECTS)
        print_items(s->members, field, out);
    else
        sio_config_value_print(s, base, true, out);
}

void
sio_config_difference_print(const sio_setting_table *t, const void *base, const void *usual,
                            sio_buf *out)
{
    bool is_first = true;

    sio_buf_add_char(out, '{');
    for (size_t i = 0; i < t->n; i++) {
        const sio_setting *s = &t->rows[i];

        if (s->kind == SIO_SETTING_SECTION || !is_changed(s, base, usual, out))
            continue;
        sio_buf_add_str(out, is_first ? "" : ",");
        is_first = false;
        sio_setting_explain_add_quoted(out, s->key);
        sio_buf_add_char(out, ':');
        print_difference(s, base, usual, out);
    }
    sio_buf_add_char(out, '}');
}

/* NOLINTEND(misc-no-recursion) */
