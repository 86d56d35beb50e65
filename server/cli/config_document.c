#include "server/cli/config_document.h"

#include "server/config/config_table.h"
#include "server/config/setting_explain.h"

static bool
is_section(const sio_setting *s)
{
    return s->kind == SIO_SETTING_SECTION;
}

/* --- Markdown. --- */

/* "|" would end a cell. */
static void
add_cell(sio_buf *out, sio_view text)
{
    sio_buf_add_char(out, ' ');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '|')
            sio_buf_add_char(out, '\\');
        sio_buf_add_char(out, text.data[i]);
    }
    sio_buf_add_str(out, " |");
}

static void
add_row(const sio_setting *s, sio_buf *out)
{
    sio_buf allowed;

    sio_buf_init(&allowed, SIZE_MAX);
    sio_setting_explain_allowed(s, &allowed);
    sio_buf_add_str(out, "| `");
    sio_buf_add_str(out, s->key);
    sio_buf_add_str(out, "` |");
    add_cell(out, sio_view_of(s->help));
    add_cell(out, sio_buf_view(&allowed));
    add_cell(out, sio_view_of(sio_setting_explain_default(s)));
    add_cell(out, sio_view_of(sio_setting_explain_reload(s)));
    sio_buf_add_char(out, '\n');
    sio_buf_fini(&allowed);
}

void
sio_config_document_add_markdown(sio_buf *out)
{
    for (size_t i = 0; i < sio_n_settings; i++) {
        if (!is_section(&sio_settings[i])) {
            add_row(&sio_settings[i], out);
            continue;
        }
        sio_buf_add_str(out, i == 0 ? "## " : "\n## ");
        sio_buf_add_str(out, sio_settings[i].help);
        sio_buf_add_str(out, "\n\n| setting | what it is | value | default | reload |\n"
                             "|---|---|---|---|---|\n");
    }
}

/* --- JSON. --- */

static void
add_member(sio_buf *out, const char *name, sio_view text)
{
    sio_buf_add_str(out, ",\"");
    sio_buf_add_str(out, name);
    sio_buf_add_str(out, "\":");
    sio_buf_add_json_string(out, text, SIO_JSON_PLAIN);
}

static const char *
type_of(const sio_setting *s)
{
    static const char *const types[] = {
        [SIO_SETTING_BOOL] = "boolean",  [SIO_SETTING_COUNT] = "integer",
        [SIO_SETTING_BYTES] = "integer", [SIO_SETTING_SECONDS] = "number",
        [SIO_SETTING_TEXT] = "string",   [SIO_SETTING_TEXTS] = "array",
    };

    return types[s->kind];
}

static void
add_object(const sio_setting *s, const char *section, sio_buf *out)
{
    sio_buf allowed;

    sio_buf_init(&allowed, SIZE_MAX);
    sio_setting_explain_allowed(s, &allowed);
    sio_buf_add_str(out, "{\"key\":");
    sio_buf_add_json_string(out, sio_view_of(s->key), SIO_JSON_PLAIN);
    add_member(out, "section", sio_view_of(section));
    add_member(out, "type", sio_view_of(type_of(s)));
    add_member(out, "help", sio_view_of(s->help));
    add_member(out, "allowed", sio_buf_view(&allowed));
    sio_buf_add_str(out, ",\"default\":");
    sio_buf_add_str(out, s->initial != NULL ? s->initial : "null");
    add_member(out, "reload", sio_view_of(sio_setting_explain_reload(s)));
    sio_buf_add_char(out, '}');
    sio_buf_fini(&allowed);
}

void
sio_config_document_add_json(sio_buf *out)
{
    const char *section = "";
    const char *before = "[";

    for (size_t i = 0; i < sio_n_settings; i++) {
        if (is_section(&sio_settings[i])) {
            section = sio_settings[i].help;
            continue;
        }
        sio_buf_add_str(out, before);
        add_object(&sio_settings[i], section, out);
        before = ",\n";
    }
    sio_buf_add_str(out, "]\n");
}

/* --- A file. --- */

/* JSON has no comments: an empty line is between sections. */
void
sio_config_document_add_defaults(sio_buf *out)
{
    const char *before = "{\n";

    for (size_t i = 0; i < sio_n_settings; i++) {
        const sio_setting *s = &sio_settings[i];

        if (is_section(s)) {
            before = i == 0 ? "{\n" : ",\n\n";
        } else if (s->initial != NULL) {
            sio_buf_add_str(out, before);
            sio_buf_add_str(out, "  \"");
            sio_buf_add_str(out, s->key);
            sio_buf_add_str(out, "\": ");
            sio_buf_add_str(out, s->initial);
            before = ",\n";
        }
    }
    sio_buf_add_str(out, "\n}\n");
}
