#include "server/config/setting_text.h"

#include <ctype.h>
#include <string.h>

#include "protocol/listen_address.h"
#include "protocol/result.h"

bool
sio_setting_text_is_auto(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("auto"));
}

bool
sio_setting_text_is_printable(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            return false;
    return true;
}

/* Printable ASCII without blanks and without the bytes of `refused`. */
static bool
is_word(sio_view text, const char *refused)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f || strchr(refused, text.data[i]) != NULL)
            return false;
    return true;
}

bool
sio_setting_text_is_host(sio_view text)
{
    return is_word(text, "/\"");
}

bool
sio_setting_text_is_resource(sio_view text)
{
    return text.len >= 2 && text.data[0] == '/' && text.data[text.len - 1] != '/' &&
           is_word(text, "?#");
}

bool
sio_setting_text_is_resource_or_empty(sio_view text)
{
    return text.len == 0 || sio_setting_text_is_resource(text);
}

bool
sio_setting_text_is_transport(sio_view text)
{
    static const sio_view names[] = {{"websocket", 9},
                                     {"flashsocket", 11},
                                     {"htmlfile", 8},
                                     {"xhr-polling", 11},
                                     {"jsonp-polling", 13}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sio_view_eq(text, names[i]))
            return true;
    return false;
}

/* "host:port", where either may be "*". An IPv6 address is in brackets. */
bool
sio_setting_text_is_origin(sio_view text)
{
    const char *colon = memrchr(text.data, ':', text.len);

    if (colon == NULL || colon == text.data || !is_word(text, "/\"<>"))
        return false;
    const sio_view port = {colon + 1, text.len - (size_t)(colon + 1 - text.data)};
    unsigned       n = 0;

    if (sio_view_eq(port, SIO_VIEW("*")))
        return true;
    for (size_t i = 0; i < port.len && n <= 65535; i++) {
        if (!isdigit((unsigned char)port.data[i]))
            return false;
        n = n * 10 + (unsigned)(port.data[i] - '0');
    }
    return n >= 1 && n <= 65535;
}

/* --- What goes into headers of an answer. --- */

/* RFC 9110, 5.6.2; empty where the row says so. */
bool
sio_setting_text_is_token(sio_view text)
{
    return is_word(text, "()<>@,;:\\\"/[]?={}");
}

/* "*", "reflect", or an origin as browsers write it: no path, and lower case. */
bool
sio_setting_text_is_page(sio_view text)
{
    const char *slashes = memmem(text.data, text.len, "://", 3);

    if (sio_view_eq(text, SIO_VIEW("*")) || sio_view_eq(text, SIO_VIEW("reflect")))
        return true;
    if (slashes == NULL || slashes == text.data || slashes + 3 == text.data + text.len)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (isupper((unsigned char)text.data[i]))
            return false;
    const sio_view host = {slashes + 3, text.len - (size_t)(slashes + 3 - text.data)};

    return is_word(text, "?#,;\"<>\\*") && memchr(host.data, '/', host.len) == NULL;
}

bool
sio_setting_text_is_cookie_value(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] >= 0x7f)
            return false;
    return sio_setting_text_is_printable(text) &&
           (text.len == 0 || memchr(text.data, ';', text.len) == NULL);
}

bool
sio_setting_text_is_host_name(sio_view text)
{
    return is_word(text, "()<>@,;:\\\"/[]?={}*");
}

static bool
is_one_of(sio_view text, const char *const words[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sio_view_eq_nocase(text, sio_view_of(words[i])))
            return true;
    return text.len == 0;
}

bool
sio_setting_text_is_same_site(sio_view text)
{
    static const char *const words[] = {"lax", "strict", "none"};

    return is_one_of(text, words, 3);
}

bool
sio_setting_text_is_priority(sio_view text)
{
    static const char *const words[] = {"low", "medium", "high"};

    return is_one_of(text, words, 3);
}

bool
sio_setting_text_is_engine_transport(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("polling")) || sio_view_eq(text, SIO_VIEW("websocket"));
}

/* A part of keys and channels: nothing that Redis reads as a pattern, nor what separates parts. */
bool
sio_setting_text_is_cluster_name(sio_view text)
{
    return text.len > 0 && is_word(text, "*?[]\\\":");
}

/* One that can be guessed is none. */
bool
sio_setting_text_is_cluster_secret(sio_view text)
{
    enum { MIN_LEN = 16, MAX_WORDS = 4 };
    size_t n_words = 0, len = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.data[i] != ' ') {
            if (text.data[i] < ' ' || text.data[i] >= 0x7f)
                return false;
            len++;
            continue;
        }
        if (len > 0 && (len < MIN_LEN || ++n_words > MAX_WORDS))
            return false;
        len = 0;
    }
    return n_words > 0 || text.len == 0;
}

bool
sio_setting_text_is_dialect(sio_view text)
{
    static const sio_view dialects[] = {
        SIO_VIEW_INIT("siobroker"),      SIO_VIEW_INIT("node-0.9"),
        SIO_VIEW_INIT("node-0.9.17"),    SIO_VIEW_INIT("node-4-listen"),
        SIO_VIEW_INIT("node-4"),         SIO_VIEW_INIT("python-socketio"),
        SIO_VIEW_INIT("node-4-sharded"), SIO_VIEW_INIT("node-4-streams"),
    };

    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (sio_view_eq(text, dialects[i]))
            return true;
    return false;
}

/* Any but what would make two of its channels look alike. */
bool
sio_setting_text_is_node_key(sio_view text)
{
    return is_word(text, "#\"");
}

bool
sio_setting_text_is_node_stream(sio_view text)
{
    return is_word(text, "\"");
}

bool
sio_setting_text_is_python_channel(sio_view text)
{
    return is_word(text, "\"");
}

bool
sio_setting_text_is_client_address_header(sio_view text)
{
    return sio_view_eq_nocase(text, SIO_VIEW("X-Forwarded-For")) ||
           sio_view_eq_nocase(text, SIO_VIEW("Forwarded")) ||
           sio_view_eq_nocase(text, SIO_VIEW("X-Real-IP"));
}

bool
sio_setting_text_is_client_version(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("0.9")) || sio_view_eq(text, SIO_VIEW("4"));
}

bool
sio_setting_text_is_log_format(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("text")) || sio_view_eq(text, SIO_VIEW("json"));
}

bool
sio_setting_text_is_account(sio_view text)
{
    return is_word(text, ":,/\"");
}

bool
sio_setting_text_is_sandbox(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("off")) || sio_view_eq(text, SIO_VIEW("auto")) ||
           sio_view_eq(text, SIO_VIEW("on"));
}

bool
sio_setting_text_is_user_limit(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("oldest")) || sio_view_eq(text, SIO_VIEW("newest"));
}

/* A URL in which there is, or may be, a password. */
bool
sio_setting_text_has_login(sio_view text)
{
    static const char sentinel[] = "sentinel_password=";

    return memchr(text.data, '@', text.len) != NULL ||
           memmem(text.data, text.len, sentinel, sizeof sentinel - 1) != NULL;
}

bool
sio_setting_text_is_not_empty(sio_view text)
{
    return text.len > 0;
}

bool
sio_setting_text_is_carrier(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("tcp")) || sio_view_eq(text, SIO_VIEW("lws"));
}

bool
sio_setting_text_is_tls_version(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("1.2")) || sio_view_eq(text, SIO_VIEW("1.3"));
}

bool
sio_setting_text_is_tls_client(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("off")) || sio_view_eq(text, SIO_VIEW("request")) ||
           sio_view_eq(text, SIO_VIEW("require"));
}

bool
sio_setting_text_is_listen_address(sio_view text)
{
    sio_listen_address at;

    return sio_listen_address_parse(text, &at) == SIO_OK;
}

bool
sio_setting_text_is_listen_entry(sio_view text)
{
    sio_listen_entry entry;

    return sio_listen_entry_parse(text, &entry) == SIO_OK;
}

/* Nobody guesses 32 characters. */
bool
sio_setting_text_is_key_or_empty(sio_view text)
{
    return text.len == 0 || (text.len >= 32 && is_word(text, ""));
}

/* Or the beginning of one. */
bool
sio_setting_text_is_session_id(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum((unsigned char)text.data[i]) && text.data[i] != '-' && text.data[i] != '_')
            return false;
    return text.len > 0;
}
