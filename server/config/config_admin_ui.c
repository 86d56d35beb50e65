#include "server/config/config_admin_ui.h"

#include <string.h>

#include "protocol/result.h"
#include "server/config/setting_text.h"

/* --- What a text may be. --- */

static bool
is_one_of(sio_view text, const char *const words[])
{
    for (; *words != NULL; words++)
        if (sio_view_eq(text, sio_view_of(*words)))
            return true;
    return false;
}

static bool
is_ui_mode(sio_view text)
{
    static const char *const words[] = {"off", "announce", "production", "development", NULL};

    return is_one_of(text, words);
}

static bool
is_ui_auth(sio_view text)
{
    static const char *const words[] = {"", "basic", "none", NULL};

    return is_one_of(text, words);
}

/* Of characters that no client encodes, so that it is found byte by byte. */
static bool
is_ui_page(sio_view text)
{
    if (text.len == 0)
        return true;
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~' || strchr("?#%*\"<>\\", text.data[i]) != NULL)
            return false;
    return text.len >= 2 && text.data[0] == '/' && text.data[text.len - 1] == '/' &&
           memmem(text.data, text.len, "//", 2) == NULL;
}

/* Not the default one, where everybody is (admin-ui 23). */
static bool
is_ui_namespace(sio_view text)
{
    return text.len >= 2 && text.data[0] == '/' && memchr(text.data, ',', text.len) == NULL &&
           memchr(text.data, '?', text.len) == NULL && sio_setting_text_is_printable(text);
}

/*
 * "$2b$10$" and 53 characters: what bcrypt makes, from any program ($2a and $2y are other names of
 * it). A cost of more than 14 would take seconds for each attempt.
 */
static bool
is_bcrypt_or_empty(sio_view text)
{
    const char *p = text.data;

    if (text.len == 0)
        return true;
    if (text.len != 60 || memcmp(p, "$2", 2) != 0 || strchr("aby", p[2]) == NULL || p[3] != '$' ||
        p[6] != '$')
        return false;
    for (size_t i = 7; i < text.len; i++)
        if (strchr("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", p[i]) ==
                NULL ||
            p[i] == '\0')
            return false;
    return (p[4] == '0' && p[5] >= '4' && p[5] <= '9') ||
           (p[4] == '1' && p[5] >= '0' && p[5] <= '4');
}

/* --- The table. --- */

/* As FIELD of config_table.c. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type in _Generic, a member: neither takes any */
#define FIELD(type, field)               \
    (offsetof(sio_cfg_admin_ui, field) + \
     0 * sizeof(_Generic(((sio_cfg_admin_ui *)0)->field, type : 0)))
/* NOLINTEND(bugprone-macro-parentheses) */

static const sio_setting rows[] = {
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEVER,
     .key = "mode",
     .offset = FIELD(char *, mode),
     .min = 3,
     .max = 11,
     .initial = "\"off\"",
     .help = "production: servers and their figures; development: sockets, rooms and events, too; "
             "announce: none here, but it is told to those of Node servers",
     .is_valid = is_ui_mode,
     .allowed = "off, announce, production or development"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEVER,
     .key = "page",
     .offset = FIELD(char *, page),
     .min = 0,
     .max = 255,
     .initial = "\"/admin/\"",
     .help = "where it is; empty: not here",
     .is_valid = is_ui_page,
     .allowed = "a path like \"/admin/\": \"/\" first and last; or empty"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEVER,
     .key = "namespace",
     .offset = FIELD(char *, nsp),
     .min = 2,
     .max = 255,
     .initial = "\"/admin\"",
     .help = "which it joins",
     .is_valid = is_ui_namespace,
     .allowed = "a name like \"/admin\", and not that of the default namespace"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEVER,
     .key = "auth",
     .offset = FIELD(char *, auth),
     .min = 0,
     .max = 5,
     .initial = "\"\"",
     .help = "who may log in, to be said: basic, who knows the password; none: anybody",
     .is_valid = is_ui_auth,
     .allowed = "basic or none"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEW,
     .key = "username",
     .offset = FIELD(char *, username),
     .min = 0,
     .max = 255,
     .initial = "\"\"",
     .help = "with basic",
     .allowed = "a text of at most 255 bytes"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEW,
     .key = "password",
     .offset = FIELD(char *, password),
     .min = 0,
     .max = 60,
     .initial = "\"\"",
     .help = "with basic: its bcrypt hash",
     .is_valid = is_bcrypt_or_empty,
     .allowed = "a bcrypt hash with a cost of 04 to 14, like \"$2b$10$\" and 53 more characters",
     .is_secret = sio_setting_text_is_not_empty},
    {.kind = SIO_SETTING_BOOL,
     .reload = SIO_RELOAD_NEW,
     .key = "readonly",
     .offset = FIELD(bool, readonly),
     .initial = "false",
     .help = "may nobody move and disconnect sockets there?"},
    {.kind = SIO_SETTING_COUNT,
     .reload = SIO_RELOAD_NOW,
     .key = "max sockets",
     .offset = FIELD(unsigned, max_sockets),
     .min = 1,
     .max = 10000,
     .initial = "1000",
     .help = "in development mode, that it lists as it connects"},
    {.kind = SIO_SETTING_COUNT,
     .reload = SIO_RELOAD_NOW,
     .key = "max events per second",
     .offset = FIELD(unsigned, max_events_per_second),
     .min = 1,
     .max = 100000,
     .initial = "500",
     .help = "in development mode, that this instance tells of"},
};

const sio_setting_table sio_config_admin_ui_settings = {rows, sizeof rows / sizeof rows[0],
                                                        sizeof(sio_cfg_admin_ui)};

/* --- Rules across them. --- */

static int
refuse_admin_ui(sio_buf *error, const char *why)
{
    sio_buf_add_str(error, "\"admin ui\".");
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

int
sio_config_admin_ui_check(const sio_cfg *cfg, sio_buf *error)
{
    const sio_cfg_admin_ui *ui = &cfg->admin_ui;

    if (!sio_cfg_admin_ui_is_served(ui))
        return SIO_OK;
    if (ui->auth[0] == '\0')
        return refuse_admin_ui(error, "\"auth\": must be said: basic, with \"username\" and "
                                      "\"password\", or none, if anybody may log in");
    if (strcmp(ui->auth, "basic") == 0 && (ui->username[0] == '\0' || ui->password[0] == '\0'))
        return refuse_admin_ui(error, "\"auth\": basic needs \"username\" and \"password\"");
    if (strncmp(ui->page, cfg->resource, strlen(cfg->resource)) == 0)
        return refuse_admin_ui(error, "\"page\": must not begin like \"resource\"");
    return SIO_OK;
}

void
sio_config_admin_ui_advise(const sio_cfg_admin_ui *ui, sio_buf *advice)
{
    if (sio_cfg_admin_ui_is_served(ui) && strcmp(ui->auth, "none") == 0)
        sio_buf_add_str(advice, "\"admin ui\".\"auth\" is none: whoever reaches this port may "
                                "look at all clients, and disconnect them\n");
}
