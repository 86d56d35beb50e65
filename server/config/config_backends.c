#include "server/config/config_backends.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "protocol/endpoint_url.h"
#include "protocol/http_token.h"
#include "protocol/network.h"
#include "protocol/result.h"
#include "server/config/setting_text.h"

/* --- What a text may be. --- */

static bool
is_backend_name(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", text.data[i]) == NULL)
            return false;
    return true;
}

static bool
is_url(sio_view text)
{
    sio_endpoint_url url;

    return sio_endpoint_url_read(text, &url);
}

static bool
is_served_namespace(sio_view text)
{
    return text.len > 0 && text.data[0] == '/' && text.len <= 255;
}

static bool
is_event_pattern(sio_view text)
{
    return text.len > 0 && text.len <= 255 && !sio_view_has_nul(text);
}

/*
 * As it begins; that it is base64 of the right length is seen where it is used (backends/sign.h).
 */
static bool
is_webhook_secret(sio_view text)
{
    return text.len == 0 || (text.len > 6 && memcmp(text.data, "whsec_", 6) == 0);
}

static bool
is_secret_set(sio_view text)
{
    return text.len > 0;
}

/* Those that say how the request is sent, or who sends it. */
static bool
is_ours(sio_view name)
{
    static const char *const beginnings[] = {"content-", "webhook-", "siobroker-"};
    static const char *const names[] = {"host",    "connection", "transfer-encoding", "te",
                                        "upgrade", "expect",     "trailer",           "keep-alive"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sio_view_eq_nocase(name, sio_view_of(names[i])))
            return true;
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        const sio_view b = sio_view_of(beginnings[i]);

        if (name.len >= b.len && sio_view_eq_nocase((sio_view){name.data, b.len}, b))
            return true;
    }
    return false;
}

static bool
is_header_name(sio_view name)
{
    return sio_http_token_is(name) && !is_ours(name);
}

/* Of a client: its handshake has them in lower case. */
static bool
is_passed_header(sio_view name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] >= 'A' && name.data[i] <= 'Z')
            return false;
    return is_header_name(name);
}

/* "Name: value" */
static bool
is_fixed_header(sio_view line)
{
    const char *colon = line.len > 0 ? memchr(line.data, ':', line.len) : NULL;

    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] < ' ' || line.data[i] > '~')
            return false;
    return colon != NULL && is_header_name((sio_view){line.data, (size_t)(colon - line.data)}) &&
           sio_view_trim((sio_view){colon + 1, (size_t)(sio_view_end(line) - colon - 1)}).len > 0;
}

static bool
is_on_failure(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("close")) || sio_view_eq(text, SIO_VIEW("drop"));
}

static bool
is_include(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("rooms")) || sio_view_eq(text, SIO_VIEW("headers"));
}

/* --- The table. --- */

/* NOLINTBEGIN(bugprone-macro-parentheses): a type in _Generic, a member: neither takes any */
#define FIELD(type, field)              \
    (offsetof(sio_cfg_backend, field) + \
     0 * sizeof(_Generic(((sio_cfg_backend *)0)->field, type : 0)))
/* NOLINTEND(bugprone-macro-parentheses) */
#define TEXT_ROW(name, field, least, most, first, text, valid, what)                       \
    {                                                                                      \
        .kind = SIO_SETTING_TEXT, .reload = SIO_RELOAD_NEVER, .key = (name),               \
        .offset = FIELD(char *, field), .min = (least), .max = (most), .initial = (first), \
        .help = (text), .is_valid = (valid), .allowed = (what)                             \
    }
#define SECRET_ROW(name, field, text)                                                            \
    {                                                                                            \
        .kind = SIO_SETTING_TEXT, .reload = SIO_RELOAD_NEVER, .key = (name),                     \
        .offset = FIELD(char *, field), .min = 0, .max = 128, .initial = "\"\"", .help = (text), \
        .is_valid = is_webhook_secret, .allowed = "\"whsec_\" and 24 to 64 bytes in base64",     \
        .is_secret = is_secret_set                                                               \
    }
#define TEXTS_ROW(name, field, least, most, first, text, valid, what)                         \
    {                                                                                         \
        .kind = SIO_SETTING_TEXTS, .reload = SIO_RELOAD_NEVER, .key = (name),                 \
        .offset = FIELD(sio_texts, field), .min = (least), .max = (most), .initial = (first), \
        .help = (text), .is_valid = (valid), .allowed = (what)                                \
    }
#define NUMBER_ROW(kind_, type, name, field, least, most, first, text)                            \
    {                                                                                             \
        .kind = (kind_), .reload = SIO_RELOAD_NEVER, .key = (name), .offset = FIELD(type, field), \
        .min = (least), .max = (most), .initial = (first), .help = (text)                         \
    }
#define SECONDS_ROW(name, field, least, most, first, text) \
    NUMBER_ROW(SIO_SETTING_SECONDS, unsigned, name, field, least, most, first, text)
#define COUNT_ROW(name, field, least, most, first, text) \
    NUMBER_ROW(SIO_SETTING_COUNT, unsigned, name, field, least, most, first, text)
#define BYTES_ROW(name, field, least, most, first, text) \
    NUMBER_ROW(SIO_SETTING_BYTES, size_t, name, field, least, most, first, text)
#define BOOL_ROW(name, field, first, text)                                   \
    {                                                                        \
        .kind = SIO_SETTING_BOOL, .reload = SIO_RELOAD_NEVER, .key = (name), \
        .offset = FIELD(bool, field), .initial = (first), .help = (text)     \
    }

static const sio_setting rows[] = {
    TEXT_ROW("name", name, 1, 32, NULL, "of it in the log", is_backend_name,
             "1 to 32 of a-z, 0-9, _ and -"),
    TEXTS_ROW("urls", urls, 0, 16, "[]", "where it is; taken in turns", is_url,
              "a list of at most 16 of http://, https:// and unix:/socket:/path, each once"),
    BOOL_ROW("stream", stream, "false", "in place of urls: it reads its events from Redis"),
    COUNT_ROW("partitions", partitions, 1, 64, "1", "streams that events are spread over"),
    COUNT_ROW("max stream entries", max_stream_entries, 100, 100000000, "100000",
              "that its groups have not acknowledged; then events wait"),
    BYTES_ROW("max stream bytes", max_stream_bytes, 1048576, 68719476736, "268435456",
              "of these, about"),
    TEXTS_ROW("namespaces", namespaces, 1, 1000, "[\"/\"]",
              "those that it serves; they are made, so that clients may join them",
              is_served_namespace, "a list of names like \"/\" and \"/chat\", each once"),
    TEXTS_ROW("events", events, 0, 1000, "[\"*\"]", "of clients, that it is told of",
              is_event_pattern, "a list of names, beginnings like \"order:*\", or *, each once"),
    BOOL_ROW("lifecycle", lifecycle, "true", "does it decide who connects, and hear who leaves?"),
    SECRET_ROW("secret", secret, "that its requests are signed with; empty: they are not"),
    SECRET_ROW("old secret", old_secret, "that they are signed with as well, while it is replaced"),
    TEXTS_ROW("pass headers", pass_headers, 0, 16, "[]",
              "of the client, in requests about one client alone", is_passed_header,
              "a list of at most 16 names in lower case that are not of the request itself"),
    {.kind = SIO_SETTING_TEXTS,
     .reload = SIO_RELOAD_NEVER,
     .key = "headers",
     .offset = FIELD(sio_texts, headers),
     .max = 16,
     .initial = "[]",
     .help = "more headers of each request",
     .is_valid = is_fixed_header,
     .allowed = "a list of at most 16 like \"Name: value\" that are not of the request itself",
     .is_secret = sio_setting_text_is_not_empty}, /* such as a token */
    TEXTS_ROW("include", include, 0, 2, "[]", "more in each event", is_include,
              "a list of rooms and headers, each once"),
    SECONDS_ROW("timeout", timeout_ms, 0.05, 60, "5", "for a whole request"),
    SECONDS_ROW("connect timeout", connect_timeout_ms, 0.05, 10, "1", "for a connection to it"),
    /* With a fifth more, well below the 10 s of "connect timeout" of 0.9, which gives up then. */
    SECONDS_ROW("connect within", connect_within_ms, 0.1, 45, "6",
                "for its decision about a client, with all attempts"),
    SECONDS_ROW("retry for", retry_for_ms, 0, 3600, "30", "to try to deliver an event"),
    SECONDS_ROW("retry disconnects for", retry_disconnects_for_ms, 0, 86400, "300",
                "to try to deliver a disconnect"),
    BOOL_ROW("at most once", at_most_once, "false", "do not send again what it may have read"),
    COUNT_ROW("max requests", max_requests, 1, 1000, "16",
              "under way; not more than it has workers"),
    COUNT_ROW("max connects", max_connects, 1, 1000, "8", "of these, about who may connect"),
    COUNT_ROW("max batch", max_batch, 1, 1000, "1", "events in a request"),
    SECONDS_ROW("batch wait", batch_wait_ms, 0, 1, "0", "for a request to fill"),
    NUMBER_ROW(SIO_SETTING_COUNT, unsigned, "max events per socket", max_events_per_socket, 1,
               10000, "100", "that wait; then its client is not heard for a while"),
    NUMBER_ROW(SIO_SETTING_COUNT, unsigned, "max queued events", max_queued_events, 1, 1000000,
               "10000", "that wait, of all"),
    BYTES_ROW("max queued bytes", max_queued_bytes, 65536, 4294967296, "16777216", "of these"),
    BYTES_ROW("max answer bytes", max_answer_bytes, 1024, 16777216, "1000000", "of an answer"),
    SECONDS_ROW("ack timeout", ack_timeout_ms, 1, 3600, "60",
                "in which the API may acknowledge what the answer did not"),
    TEXT_ROW("on failure", on_failure, 4, 5, "\"close\"",
             "what an event that could not be delivered does to its client", is_on_failure,
             "close (its connection; it comes back), or drop (nothing)"),
    TEXT_ROW("ca file", ca_file, 0, 4000, "\"\"", "who vouches for it (TLS); empty: the system's",
             NULL, "a path of at most 4000 bytes"),
    TEXT_ROW("certificate", certificate, 0, 4000, "\"\"", "that it is shown; empty: none", NULL,
             "a path of at most 4000 bytes"),
    TEXT_ROW("key", key, 0, 4000, "\"\"", "of the certificate", NULL,
             "a path of at most 4000 bytes"),
    BOOL_ROW("verify", verify, "true", "is it asked who it is (TLS)?"),
};

const sio_setting_table sio_config_backends_settings = {rows, sizeof rows / sizeof rows[0],
                                                        sizeof(sio_cfg_backend)};

/* --- Rules across them. --- */

static int
refuse_backend(sio_buf *error, size_t i, const char *key, const char *why)
{
    char text[256];

    snprintf(text, sizeof text, "\"backends\"[%zu].\"%s\": %s", i, key, why);
    sio_buf_add_str(error, text);
    return SIO_ERR_CONFIG;
}

static bool
share_namespace(const sio_cfg_backend *a, const sio_cfg_backend *b)
{
    for (size_t i = 0; i < a->namespaces.n; i++)
        for (size_t j = 0; j < b->namespaces.n; j++)
            if (sio_view_eq(a->namespaces.items[i], b->namespaces.items[j]))
                return true;
    return false;
}

/* Of two that decide, which one is it? */
static int
check_against_earlier(const sio_cfg_backend *list, size_t i, sio_buf *error)
{
    char why[160];

    for (size_t j = 0; j < i; j++) {
        if (strcmp(list[j].name, list[i].name) == 0) {
            snprintf(why, sizeof why, "is that of \"backends\"[%zu], too", j);
            return refuse_backend(error, i, "name", why);
        }
        if (list[i].lifecycle && list[j].lifecycle && share_namespace(&list[i], &list[j])) {
            snprintf(why, sizeof why,
                     "\"%s\" and \"%s\" share a namespace, so only one of them may have it true",
                     list[j].name, list[i].name);
            return refuse_backend(error, i, "lifecycle", why);
        }
    }
    return SIO_OK;
}

/* What only a request has. */
static const char *
key_of_calls(const sio_cfg_backend *b)
{
    if (b->secret[0] != '\0')
        return "secret";
    if (b->pass_headers.n > 0)
        return "pass headers";
    if (b->headers.n > 0)
        return "headers";
    return b->at_most_once ? "at most once" : NULL;
}

static int
check_way(const sio_cfg_backend *b, size_t i, sio_buf *error)
{
    const char *key = b->stream ? key_of_calls(b) : NULL;

    if (!b->stream && b->urls.n == 0)
        return refuse_backend(error, i, "urls", "is missing, or \"stream\": true in its place");
    if (b->stream && b->urls.n > 0)
        return refuse_backend(error, i, "urls", "is not for a backend with \"stream\": true");
    if (key != NULL)
        return refuse_backend(error, i, key, "is not for a backend with \"stream\": true");
    return SIO_OK;
}

static int
check_one(const sio_cfg_backend *b, size_t i, sio_buf *error)
{
    if (check_way(b, i, error) != SIO_OK)
        return SIO_ERR_CONFIG;
    if (b->max_connects > b->max_requests)
        return refuse_backend(error, i, "max connects", "must not be more than \"max requests\"");
    if (b->old_secret[0] != '\0' && b->secret[0] == '\0')
        return refuse_backend(error, i, "old secret", "needs a \"secret\" beside it");
    if ((b->certificate[0] != '\0') != (b->key[0] != '\0'))
        return refuse_backend(error, i, "certificate", "needs its \"key\", and the key needs it");
    return SIO_OK;
}

int
sio_config_backends_check(const sio_cfg_list *backends, sio_buf *error)
{
    const sio_cfg_backend *list = backends->items;
    int                    rc = SIO_OK;

    for (size_t i = 0; rc == SIO_OK && i < backends->n; i++)
        if ((rc = check_one(&list[i], i, error)) == SIO_OK)
            rc = check_against_earlier(list, i, error);
    return rc;
}

/* --- Advice. --- */

/* A name with a dot is one of the world, unless its end never is (RFC 6761, 6762). */
static bool
is_near_name(sio_view host)
{
    static const char *const ends[] = {".localhost", ".local", ".internal"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const sio_view end = sio_view_of(ends[i]);

        if (host.len > end.len &&
            sio_view_eq_nocase((sio_view){host.data + host.len - end.len, end.len}, end))
            return true;
    }
    return memchr(host.data, '.', host.len) == NULL;
}

/* Is it on this machine, or in a network of one's own? */
static bool
is_near(sio_view host)
{
    static const char *const networks[] = {"loopback", "private", "linklocal"};
    char                     text[64] = "";
    uint8_t                  address[16];
    size_t                   n = 0;

    if (host.len >= sizeof text)
        return is_near_name(host);
    memcpy(text, host.data, host.len);
    n = inet_pton(AF_INET, text, address) == 1    ? 4
        : inet_pton(AF_INET6, text, address) == 1 ? 16
                                                  : 0;
    for (size_t i = 0; n > 0 && i < sizeof networks / sizeof networks[0]; i++)
        if (sio_network_has(sio_view_of(networks[i]), address, n))
            return true;
    return n == 0 && is_near_name(host);
}

static void
advise_of_url(sio_view text, size_t i, sio_buf *advice)
{
    sio_endpoint_url url;

    if (!sio_endpoint_url_read(text, &url) || url.is_tls || url.socket.len > 0 || is_near(url.host))
        return;
    sio_buf_add_str(advice, "\"backends\"[");
    sio_buf_add_u64(advice, i);
    sio_buf_add_str(advice, "].\"urls\": ");
    sio_buf_add_view(advice, text);
    sio_buf_add_str(advice, " is not https: whoever is between reads what clients say, and may "
                            "answer\n");
}

void
sio_config_backends_advise(const sio_cfg_list *backends, sio_buf *advice)
{
    const sio_cfg_backend *list = backends->items;

    for (size_t i = 0; i < backends->n; i++)
        for (size_t j = 0; j < list[i].urls.n; j++)
            advise_of_url(list[i].urls.items[j], i, advice);
}
