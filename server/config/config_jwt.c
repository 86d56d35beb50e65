#include "server/config/config_jwt.h"

#include <string.h>

#include "protocol/endpoint_url.h"
#include "protocol/http_token.h"
#include "protocol/jwt.h"
#include "protocol/result.h"
#include "server/config/setting_text.h"

/* --- What a text may be. --- */

static bool
has_word(sio_view text, const char *word)
{
    return text.len > 0 && memmem(text.data, text.len, word, strlen(word)) != NULL;
}

/* Public keys are none; a shared one has "k", a private one "d". */
static bool
holds_secret_key(sio_view text)
{
    return has_word(text, "\"k\"") || has_word(text, "\"d\"");
}

static bool
is_secret_or_empty(sio_view text)
{
    return text.len == 0 || text.len >= SIO_JWT_MIN_SECRET_BYTES;
}

static bool
is_keys_url_or_empty(sio_view text)
{
    sio_endpoint_url url;

    return text.len == 0 || sio_endpoint_url_read(text, &url);
}

static bool
is_algorithm(sio_view text)
{
    return sio_jwt_algorithm_find(text) != SIO_JWT_NO_ALGORITHM;
}

static bool
is_lower_name(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] >= 'A' && text.data[i] <= 'Z')
            return false;
    return sio_http_token_is(text);
}

/* Is there a name behind the prefix? */
static bool
is_place(sio_view text, sio_view prefix, bool (*is_name)(sio_view name))
{
    return text.len > prefix.len && memcmp(text.data, prefix.data, prefix.len) == 0 &&
           is_name((sio_view){text.data + prefix.len, text.len - prefix.len});
}

static bool
is_source(sio_view text)
{
    return text.len <= 255 && !sio_view_has_nul(text) &&
           (is_place(text, SIO_VIEW("auth."), sio_setting_text_is_not_empty) ||
            is_place(text, SIO_VIEW("query."), sio_setting_text_is_not_empty) ||
            is_place(text, SIO_VIEW("header."), is_lower_name) ||
            is_place(text, SIO_VIEW("cookie."), sio_http_token_is));
}

static bool
is_guarded_namespace(sio_view text)
{
    return text.len > 0 && text.data[0] == '/' && text.len <= 255;
}

/* --- The table. --- */

/* NOLINTBEGIN(bugprone-macro-parentheses): a type in _Generic, a member: neither takes any */
#define FIELD(type, field) \
    (offsetof(sio_cfg_jwt, field) + 0 * sizeof(_Generic(((sio_cfg_jwt *)0)->field, type : 0)))
/* NOLINTEND(bugprone-macro-parentheses) */

static const sio_setting rows[] = {
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEW,
     .key = "keys",
     .offset = FIELD(char *, keys),
     .min = 0,
     .max = 65536,
     .initial = "\"\"",
     .help = "that tokens are signed with: a key set (JWKS), as file:PATH",
     .allowed = "at most 65536 bytes of JSON, or where that is",
     .is_secret = holds_secret_key},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEVER,
     .key = "keys url",
     .offset = FIELD(char *, keys_url),
     .min = 0,
     .max = 2000,
     .initial = "\"\"",
     .help = "in place of \"keys\": where to get the key set, again and again",
     .is_valid = is_keys_url_or_empty,
     .allowed = "http://, https:// or unix:/socket:/path, or empty"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEW,
     .key = "secret",
     .offset = FIELD(char *, secret),
     .min = 0,
     .max = 1024,
     .initial = "\"\"",
     .help = "in place of both: the one secret of HS256",
     .is_valid = is_secret_or_empty,
     .allowed = "at least 32 bytes, or empty",
     .is_secret = sio_setting_text_is_not_empty},
    {.kind = SIO_SETTING_TEXTS,
     .reload = SIO_RELOAD_NEW,
     .key = "algorithms",
     .offset = FIELD(sio_texts, algorithms),
     .min = 0,
     .max = 4,
     .initial = "[]",
     .help = "that are taken; empty: those of the keys",
     .is_valid = is_algorithm,
     .allowed = "a list of HS256, RS256, ES256, EdDSA, each once"},
    {.kind = SIO_SETTING_TEXTS,
     .reload = SIO_RELOAD_NEW,
     .key = "from",
     .offset = FIELD(sio_texts, from),
     .min = 1,
     .max = 8,
     .initial = "[\"auth.token\"]",
     .help = "where a client has its token: the first of these that is there",
     .is_valid = is_source,
     .allowed = "a list of at most 8 like auth.token, query.token, header.authorization (in lower "
                "case), cookie.token, each once"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEW,
     .key = "audience",
     .offset = FIELD(char *, audience),
     .min = 0,
     .max = 1000,
     .initial = "\"\"",
     .help = "for whom a token has to be made (aud); empty: for anybody",
     .allowed = "a text of at most 1000 bytes"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEW,
     .key = "issuer",
     .offset = FIELD(char *, issuer),
     .min = 0,
     .max = 1000,
     .initial = "\"\"",
     .help = "who has to have made it (iss); empty: anybody who has a key",
     .allowed = "a text of at most 1000 bytes"},
    {.kind = SIO_SETTING_SECONDS,
     .reload = SIO_RELOAD_NEW,
     .key = "leeway",
     .offset = FIELD(unsigned, leeway_ms),
     .min = 0,
     .max = 300,
     .initial = "5",
     .help = "by so much may clocks differ"},
    {.kind = SIO_SETTING_BOOL,
     .reload = SIO_RELOAD_NEW,
     .key = "required",
     .offset = FIELD(bool, required),
     .initial = "true",
     .help = "may nobody connect without a token?"},
    {.kind = SIO_SETTING_TEXTS,
     .reload = SIO_RELOAD_NEW,
     .key = "namespaces",
     .offset = FIELD(sio_texts, namespaces),
     .min = 0,
     .max = 1000,
     .initial = "[]",
     .help = "where it is asked for; these are made; empty: in all there are",
     .is_valid = is_guarded_namespace,
     .allowed = "a list of names like \"/\" and \"/chat\", each once"},
    {.kind = SIO_SETTING_SECONDS,
     .reload = SIO_RELOAD_NOW,
     .key = "refresh",
     .offset = FIELD(unsigned, refresh_ms),
     .min = 1,
     .max = 86400,
     .initial = "300",
     .help = "from one time that \"keys url\" is asked to the next"},
    {.kind = SIO_SETTING_SECONDS,
     .reload = SIO_RELOAD_NOW,
     .key = "refresh at most every",
     .offset = FIELD(unsigned, min_refresh_ms),
     .min = 0.05,
     .max = 3600,
     .initial = "10",
     .help =
         "it is asked sooner for a key that is not known, or after a failure, but not than this"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEVER,
     .key = "ca file",
     .offset = FIELD(char *, ca_file),
     .min = 0,
     .max = 4000,
     .initial = "\"\"",
     .help = "who vouches for \"keys url\" (TLS); empty: the system's",
     .allowed = "a path of at most 4000 bytes"},
};

const sio_setting_table sio_config_jwt_settings = {rows, sizeof rows / sizeof rows[0],
                                                   sizeof(sio_cfg_jwt)};

/* --- Rules across them. --- */

static int
refuse_jwt(sio_buf *error, const char *why)
{
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

int
sio_config_jwt_check(const sio_cfg_jwt *jwt, sio_buf *error)
{
    const int n = (jwt->keys[0] != '\0') + (jwt->keys_url[0] != '\0') + (jwt->secret[0] != '\0');

    if (n > 1)
        return refuse_jwt(error,
                          "\"jwt\": only one of \"keys\", \"keys url\" and \"secret\" may be "
                          "there");
    if (jwt->secret[0] != '\0' && jwt->algorithms.n > 0 &&
        !sio_texts_has(&jwt->algorithms, SIO_VIEW("HS256")))
        return refuse_jwt(error,
                          "\"jwt\".\"algorithms\": must have HS256, which \"secret\" is for");
    return SIO_OK;
}

void
sio_config_jwt_advise(const sio_cfg_jwt *jwt, sio_buf *advice)
{
    const sio_view url = sio_view_of(jwt->keys_url);

    if (url.len == 0)
        return;
    if (jwt->audience[0] == '\0')
        sio_buf_add_str(advice,
                        "\"jwt\" has no \"audience\": tokens that the same keys have signed "
                        "for others are good here, too\n");
    if (url.len > 7 && memcmp(url.data, "http://", 7) == 0)
        sio_buf_add_str(advice, "\"jwt\".\"keys url\" is not https: whoever is between can put "
                                "in keys of their own\n");
}
