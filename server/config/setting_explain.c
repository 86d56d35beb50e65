#include "server/config/setting_explain.h"

#include <stdio.h>
#include <string.h>

#include "server/config/similar.h"

enum { MAX_QUOTED = 60 };

/* Options of 0.9 whose values were program code. */
static const struct {
    const char *key, *instead;
} code_settings[] = {
    {"store", "is program code in 0.9; to share state between instances set \"redis\""},
    {"static", "is program code in 0.9; the files come from \"browser client directory\""},
    {"logger", "is program code in 0.9; the log goes to stderr, see \"log level\""},
    {"authorization", "is program code in 0.9; use the application API for it"},
    {"browser client handler",
     "is program code in 0.9; serve the files elsewhere and set \"browser client\" to false"},
};

/* The known key that was probably meant, or NULL when none is similar. */
static const char *
nearest_key(const sio_setting_table *t, const char *key)
{
    sio_similar similar = sio_similar_to(key);

    for (size_t i = 0; i < t->n; i++)
        if (t->rows[i].key != NULL)
            sio_similar_offer(&similar, t->rows[i].key);
    return similar.nearest;
}

void
sio_setting_explain_unknown(const sio_setting_table *t, const char *key, sio_buf *error)
{
    for (size_t i = 0; i < sizeof code_settings / sizeof code_settings[0]; i++)
        if (t == &sio_settings && strcmp(code_settings[i].key, key) == 0) {
            sio_buf_add_str(error, code_settings[i].instead);
            return;
        }
    const char *nearest = nearest_key(t, key);

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
        sio_buf_add_str(out, s->is_secret != NULL ? elsewhere : "");
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
