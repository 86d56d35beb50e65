#include "server/config/config_describe.h"

#include "server/config/config_table.h"
#include "server/config/setting_explain.h"

void
sio_config_describe(sio_buf *out)
{
    for (size_t i = 0; i < sio_n_settings; i++) {
        const sio_setting *s = &sio_settings[i];

        if (s->kind == SIO_SETTING_SECTION) {
            sio_buf_add_str(out, i == 0 ? "" : "\n");
            sio_buf_add_str(out, s->help);
            sio_buf_add_str(out, "\n");
            continue;
        }
        sio_buf_add_str(out, "  \"");
        sio_buf_add_str(out, s->key);
        sio_buf_add_str(out, "\": ");
        sio_buf_add_str(out, s->help);
        sio_buf_add_str(out, "\n      ");
        sio_setting_explain_allowed(s, out);
        sio_buf_add_str(out, "; default ");
        sio_buf_add_str(out, sio_setting_explain_default(s));
        sio_buf_add_str(out, "; ");
        sio_buf_add_str(out, sio_setting_explain_reload(s));
        sio_buf_add_str(out, "\n");
    }
}
