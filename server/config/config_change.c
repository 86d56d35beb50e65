#include "server/config/config_change.h"

#include "server/config/config_table.h"
#include "server/config/config_value.h"
#include "server/config/setting_explain.h"

static bool
is_same(const sio_setting *s, const sio_cfg *a, const sio_cfg *b)
{
    sio_buf texts[2];
    bool    is_equal;

    sio_buf_init(&texts[0], SIZE_MAX);
    sio_buf_init(&texts[1], SIZE_MAX);
    sio_config_value_print(s, a, &texts[0]);
    sio_config_value_print(s, b, &texts[1]);
    is_equal = sio_view_eq(sio_buf_view(&texts[0]), sio_buf_view(&texts[1]));
    sio_buf_fini(&texts[0]);
    sio_buf_fini(&texts[1]);
    return is_equal;
}

static bool
may_change(const sio_setting *s, const sio_cfg *cfg)
{
    if (s->reload == SIO_RELOAD_NEW_IF_ON)
        return sio_config_value_number(s, cfg) > 0;
    return s->reload != SIO_RELOAD_NEVER;
}

static void
add_key(sio_buf *keys, const char *key)
{
    sio_buf_add_str(keys, keys->len > 0 ? ", " : "");
    sio_setting_explain_add_quoted(keys, key);
}

void
sio_config_change_apply(sio_cfg *cfg, sio_cfg *fresh, sio_buf *changed, sio_buf *kept)
{
    sio_cfg old;

    for (size_t i = 0; i < sio_n_settings; i++) {
        const sio_setting *s = &sio_settings[i];

        if (s->kind == SIO_SETTING_SECTION || is_same(s, cfg, fresh))
            continue;
        if (may_change(s, cfg)) {
            add_key(changed, s->key);
        } else {
            add_key(kept, s->key);
            sio_config_value_swap(s, cfg, fresh); /* and once more, with all the others */
        }
    }
    old = *cfg;
    *cfg = *fresh;
    *fresh = old;
}
