#include "server/config/setting_explain.h"

#include <stdio.h>
#include <string.h>

#include "server/config/similar.h"

enum { MAX_QUOTED = 60 };

/* Options of socket.io that are no settings here: most of them are program code there. */
static const struct {
    const char *option, *member; /* NULL: all of it */
    const char *instead;
} no_settings[] = {
    {"store", NULL, "is program code in 0.9; to share state between instances set \"redis\""},
    {"static", NULL, "is program code in 0.9; the files come from \"browser client directory\""},
    {"logger", NULL, "is program code in 0.9; the log goes to stderr, see \"log level\""},
    {"authorization", NULL, "is program code in 0.9; use the application API for it"},
    {"browser client handler", NULL,
     "is program code in 0.9; serve the files elsewhere and set \"browser client\" to false"},
    {"allowRequest", NULL, "is program code in socket.io 4; use the application API for it"},
    {"adapter", NULL,
     "is program code in socket.io 4; to share state between instances set \"redis\""},
    {"parser", NULL,
     "is program code in socket.io 4; there is one parser, the default one of there"},
    {"wsEngine", NULL,
     "is program code in socket.io 4; see \"carrier\" for what carries connections"},
    {"initialPacket", NULL,
     "is program code in socket.io 4; let the application emit it on connection"},
    {"destroyUpgradeTimeout", NULL,
     "is not needed: what \"destroyUpgrade\" closes is closed at once"},
    {"cookie", "encode", "is program code in socket.io 4; an id needs no encoding"},
    {"cookie", "expires", "is a Date in socket.io 4; use \"maxAge\""},
    {"cors", "preflightContinue", "is about program code in socket.io 4; preflights are answered"},
    {"cors", "optionsSuccessStatus", "can not be set; it is 204"},
    {"perMessageDeflate", "zlibDeflateOptions", "is about zlib in Node.js; there is \"threshold\""},
    {"perMessageDeflate", "zlibInflateOptions", "is about zlib in Node.js; there is \"threshold\""},
    {"perMessageDeflate", "concurrencyLimit", "is about zlib in Node.js; there is \"threshold\""},
    {"perMessageDeflate", "serverMaxWindowBits", "can not be set; it is what the client asks for"},
    {"perMessageDeflate", "clientMaxWindowBits", "can not be set; any is good"},
};

/* What there is in place of an option, or of a member of one; or NULL. */
static const char *
instead_of(const char *option, const char *member)
{
    for (size_t i = 0; i < sizeof no_settings / sizeof no_settings[0]; i++)
        if (strcmp(no_settings[i].option, option) == 0 &&
            (member == NULL) == (no_settings[i].member == NULL) &&
            (member == NULL || strcmp(no_settings[i].member, member) == 0))
            return no_settings[i].instead;
    return NULL;
}

/* The known key that was probably meant, or NULL when none is similar. */
static const char *
nearest_key(const sio_setting_table *t, const char *key)
{
    sio_similar similar = sio_similar_to(key);

    for (size_t i = 0; i < t->n; i++)
        if (t->rows[i].key != NULL)
            sio_similar_offer(&similar, t->rows[i].key);
    for (const sio_config_name *row = sio_config_names; t == &sio_settings && row->option != NULL;
         row++)
        sio_similar_offer(&similar, row->option);
    return similar.nearest;
}

static const char *
nearest_member(const sio_config_name *object, const char *member)
{
    sio_similar similar = sio_similar_to(member);

    for (const sio_config_name *row = object; sio_config_names_is_of(row, object); row++)
        if (row->member[0] != '\0')
            sio_similar_offer(&similar, row->member);
    return similar.nearest;
}

/* instead, nearest: NULL, where there is none. */
static void
explain_unknown(const char *instead, const char *nearest, sio_buf *error)
{
    if (instead != NULL) {
        sio_buf_add_str(error, instead);
        return;
    }
    sio_buf_add_str(error, "unknown key; ");
    if (nearest == NULL) {
        sio_buf_add_str(error, "--help-config lists those that there are");
        return;
    }
    sio_buf_add_str(error, "did you mean \"");
    sio_buf_add_str(error, nearest);
    sio_buf_add_str(error, "\"?");
}

void
sio_setting_explain_unknown(const sio_setting_table *t, const char *key, sio_buf *error)
{
    explain_unknown(t == &sio_settings ? instead_of(key, NULL) : NULL, nearest_key(t, key), error);
}

void
sio_setting_explain_unknown_member(const sio_config_name *object, const char *member,
                                   sio_buf *error)
{
    explain_unknown(instead_of(object->option, member), nearest_member(object, member), error);
}

void
sio_setting_explain_allowed(const sio_setting *s, sio_buf *out)
{
    static const char *const what[] = {
        [SIO_SETTING_BOOL] = "true or false",
        [SIO_SETTING_COUNT] = "an integer",
        [SIO_SETTING_BYTES] = "an integer number of bytes",
        [SIO_SETTING_SECONDS] = "a number of seconds",
        [SIO_SETTING_OBJECT] = "an object",
    };
    static const char elsewhere[] = ", or where it is: env:NAME, file:PATH, credential:NAME";
    char              range[64];

    if (s->allowed != NULL) {
        sio_buf_add_str(out, s->allowed);
        sio_buf_add_str(out, sio_setting_may_be_elsewhere(s) ? elsewhere : "");
        return;
    }
    sio_buf_add_str(out, what[s->kind]);
    if (s->kind == SIO_SETTING_BOOL || s->kind == SIO_SETTING_OBJECT)
        return;
    snprintf(range, sizeof range, " from %.15g to %.15g", s->min, s->max);
    sio_buf_add_str(out, range);
}

/* What stands between "//" and the last '@'; empty: there is nothing. */
static sio_view
login_in(const char *text)
{
    const char *slashes = strstr(text, "//");
    const char *at = slashes != NULL ? strrchr(slashes, '@') : NULL;

    return at != NULL ? (sio_view){slashes + 2, (size_t)(at - slashes - 2)} : (sio_view){text, 0};
}

void
sio_setting_explain_hide_login(char *text)
{
    const sio_view login = login_in(text);

    if (login.len > 0)
        memset(text + (login.data - text), 'x', login.len);
}

const char *
sio_setting_explain_default(const sio_setting *s)
{
    if (s->initial != NULL)
        return s->initial;
    return s->kind == SIO_SETTING_BOOL ? "true when stderr is a terminal"
                                       : "none, it has to be there";
}

const char *
sio_setting_explain_reload(const sio_setting *s)
{
    static const char *const texts[] = {
        [SIO_RELOAD_NOW] = "changes at once",
        [SIO_RELOAD_NEW] = "changes for new clients",
        [SIO_RELOAD_NEW_IF_ON] = "changes for new clients, from 0 only by a restart",
        [SIO_RELOAD_NEVER] = "changes only by a restart",
    };

    return texts[s->reload];
}

void
sio_setting_explain_add_quoted(sio_buf *out, const char *text)
{
    const size_t   all = strlen(text);
    const sio_view login = login_in(text);
    size_t         len = all < MAX_QUOTED ? all : MAX_QUOTED;
    char           shown[MAX_QUOTED];

    while (len < all && len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--; /* not in the middle of a character */
    for (size_t i = 0; i < len; i++)
        shown[i] = text + i >= login.data && text + i < login.data + login.len ? 'x' : text[i];
    sio_buf_add_json_string(out, (sio_view){shown, len}, SIO_JSON_PLAIN);
    if (len < all)
        sio_buf_add_str(out, "...");
}

void
sio_setting_explain_add_path(sio_buf *path, const char *key)
{
    if (path->len > 0)
        sio_buf_add_char(path, '.');
    sio_setting_explain_add_quoted(path, key);
}

void
sio_setting_explain_add_value(sio_buf *out, const cJSON *value)
{
    char *text = cJSON_PrintUnformatted(value);

    if (text == NULL)
        return;
    sio_setting_explain_hide_login(text);
    sio_buf_add_str(out, ", got ");
    if (strlen(text) <= MAX_QUOTED)
        sio_buf_add_str(out, text);
    else
        sio_setting_explain_add_quoted(out, cJSON_IsString(value) ? value->valuestring : text);
    cJSON_free(text);
}
