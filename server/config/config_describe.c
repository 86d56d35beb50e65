#include "server/config/config_describe.h"

#include "server/config/config_names.h"
#include "server/config/setting_explain.h"
#include "server/config/setting_walk.h"

static void
describe_section(const sio_setting *s, sio_buf *out)
{
    sio_buf_add_str(out, out->len == 0 ? "" : "\n");
    sio_buf_add_str(out, s->help);
    sio_buf_add_str(out, "\n");
}

static void
describe_setting(const sio_setting *s, const char *name, void *arg)
{
    sio_buf *out = arg;

    if (s->kind == SIO_SETTING_SECTION) {
        describe_section(s, out);
        return;
    }
    sio_buf_add_str(out, "  \"");
    sio_buf_add_str(out, name);
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

static void
describe_name(const sio_config_name *row, sio_buf *out)
{
    sio_buf_add_str(out, "  ");
    sio_config_name_write(row, out);
    sio_buf_add_char(out, ' ');
    sio_config_name_explain(row, out);
    sio_buf_add_char(out, '\n');
}

void
sio_config_describe(sio_buf *out)
{
    const bool is_whole = sio_setting_walk(describe_setting, out);

    sio_buf_add_str(out, "\n" SIO_CONFIG_NAMES_TITLE "\n");
    for (const sio_config_name *row = sio_config_names; row->option != NULL; row++)
        describe_name(row, out);
    out->failed = out->failed || !is_whole;
}
