#include "server/cli/config_document.h"

#include "protocol/json_member.h"
#include "server/config/config_names.h"
#include "server/config/config_table.h"
#include "server/config/setting_explain.h"
#include "server/config/setting_walk.h"

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
add_row(const sio_setting *s, const char *name, sio_buf *out)
{
    sio_buf allowed;

    sio_buf_init(&allowed, SIZE_MAX);
    sio_setting_explain_allowed(s, &allowed);
    sio_buf_add_str(out, "| `");
    sio_buf_add_str(out, name);
    sio_buf_add_str(out, "` |");
    add_cell(out, sio_view_of(s->help));
    add_cell(out, sio_buf_view(&allowed));
    add_cell(out, sio_view_of(sio_setting_explain_default(s)));
    add_cell(out, sio_view_of(sio_setting_explain_reload(s)));
    sio_buf_add_char(out, '\n');
    sio_buf_fini(&allowed);
}

static void
add_heading_or_row(const sio_setting *s, const char *name, void *arg)
{
    sio_buf *out = arg;

    if (!is_section(s)) {
        add_row(s, name, out);
        return;
    }
    sio_buf_add_str(out, out->len == 0 ? "## " : "\n## ");
    sio_buf_add_str(out, s->help);
    sio_buf_add_str(out, "\n\n| setting | what it is | value | default | reload |\n"
                         "|---|---|---|---|---|\n");
}

static void
add_names(sio_buf *out)
{
    sio_buf_add_str(out, "\n## " SIO_CONFIG_NAMES_TITLE "\n\n| option | |\n|---|---|\n");
    for (const sio_config_name *row = sio_config_names; row->option != NULL; row++) {
        sio_buf_add_str(out, "| `");
        sio_config_name_write(row, out);
        sio_buf_add_str(out, "` | ");
        sio_config_name_explain(row, out);
        sio_buf_add_str(out, " |\n");
    }
}

void
sio_config_document_add_markdown(sio_buf *out)
{
    const bool is_whole = sio_setting_walk(add_heading_or_row, out);

    add_names(out);
    out->failed = out->failed || !is_whole;
}

/* --- JSON. --- */

static const char *
type_of(const sio_setting *s)
{
    static const char *const types[] = {
        [SIO_SETTING_BOOL] = "boolean",  [SIO_SETTING_COUNT] = "integer",
        [SIO_SETTING_BYTES] = "integer", [SIO_SETTING_SECONDS] = "number",
        [SIO_SETTING_TEXT] = "string",   [SIO_SETTING_TEXTS] = "array",
        [SIO_SETTING_OBJECT] = "object", [SIO_SETTING_OBJECTS] = "array",
    };

    return types[s->kind];
}

static void
add_object(const sio_setting *s, const char *name, const char *section, sio_buf *out)
{
    sio_buf allowed;

    sio_buf_init(&allowed, SIZE_MAX);
    sio_setting_explain_allowed(s, &allowed);
    sio_buf_add_char(out, '{');
    sio_json_member_text(out, "key", sio_view_of(name));
    sio_json_member_text(out, "section", sio_view_of(section));
    sio_json_member_text(out, "type", sio_view_of(type_of(s)));
    sio_json_member_text(out, "help", sio_view_of(s->help));
    sio_json_member_text(out, "allowed", sio_buf_view(&allowed));
    sio_json_member_json(out, "default", sio_view_of(s->initial != NULL ? s->initial : "null"));
    sio_json_member_text(out, "reload", sio_view_of(sio_setting_explain_reload(s)));
    sio_buf_add_char(out, '}');
    sio_buf_fini(&allowed);
}

typedef struct {
    sio_buf    *out;
    const char *section;
    const char *before;
} json_list;

static void
add_to_list(const sio_setting *s, const char *name, void *arg)
{
    json_list *list = arg;

    if (is_section(s)) {
        list->section = s->help;
        return;
    }
    sio_buf_add_str(list->out, list->before);
    add_object(s, name, list->section, list->out);
    list->before = ",\n";
}

void
sio_config_document_add_json(sio_buf *out)
{
    json_list  list = {.out = out, .section = "", .before = "["};
    const bool is_whole = sio_setting_walk(add_to_list, &list);

    sio_buf_add_str(out, "]\n");
    out->failed = out->failed || !is_whole;
}

/* --- A file. --- */

/* JSON has no comments: an empty line is between sections. */
void
sio_config_document_add_defaults(sio_buf *out)
{
    const char *before = "{\n";

    for (size_t i = 0; i < sio_settings.n; i++) {
        const sio_setting *s = &sio_settings.rows[i];

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
