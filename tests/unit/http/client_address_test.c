/*
 * tests/unit/http/client_address_test.c - server/http/client_address.h as an application sees it:
 * "address" and "secure" of handshakes of all revisions.
 */
#include "tests/unit/server/api_fixture.h"

#include <cjson/cJSON.h>

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static void
note_client(sio_decision *decision, const char *handshake_json, void *arg)
{
    cJSON       *data = cJSON_Parse(handshake_json);
    const cJSON *address = cJSON_GetObjectItem(data, "address");

    (void)arg;
    note("%s %d %s", cJSON_GetStringValue(cJSON_GetObjectItem(address, "address")),
         (int)cJSON_GetNumberValue(cJSON_GetObjectItem(address, "port")),
         cJSON_IsTrue(cJSON_GetObjectItem(data, "secure"))    ? "secure"
         : cJSON_IsFalse(cJSON_GetObjectItem(data, "secure")) ? "plain"
                                                              : "?");
    cJSON_Delete(data);
    sio_decide(decision, SIO_REFUSE);
}

/* Make a handshake with these header lines; returns the port of the connection it came from. */
static unsigned
handshake_with(const char *path, const char *headers)
{
    struct sockaddr_in sa = {.sin_port = 0};
    socklen_t          len = sizeof sa;
    client             c;
    char               text[1000];

    open_connection(&c, io);
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: test\r\n%s\r\n", path, headers);
    write_all(&c, text, strlen(text));
    CHECK(answer_of(&c) >= 400);
    getsockname(c.fd, (struct sockaddr *)&sa, &len);
    hang_up(&c);
    return ntohs(sa.sin_port);
}

static const char *const handshakes[] = {
    "/socket.io/1/",
    "/socket.io/?EIO=3&transport=polling",
    "/socket.io/?EIO=4&transport=polling",
};

/* want: "address port secure"; NULL: the peer of the connection, plain. */
static void
check_handshakes(const char *headers, const char *want)
{
    for (size_t i = 0; i < N_ROWS(handshakes); i++) {
        const unsigned port = handshake_with(handshakes[i], headers);
        char           peer[100];

        snprintf(peer, sizeof peer, "127.0.0.1 %u plain", port);
        CHECK_NOTED(want != NULL ? want : peer);
    }
}

#define LINE(name, value) name ": " value "\r\n"
#define FOR(value)        LINE("X-Forwarded-For", value)
#define PROTO(value)      LINE("X-Forwarded-Proto", value)
#define FORWARDED(value)  LINE("Forwarded", value)
#define REAL_IP(value)    LINE("X-Real-IP", value)

static void
note_all(const char *trusted, const char *header)
{
    sio_set(io, "trust proxy", trusted);
    sio_set(io, "client address header", header);
    listen_now(io);
    sio_authorization(io, note_client, NULL);
}

typedef struct {
    const char *headers, *want;
} row;

static void
check_rows(const row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check_row = rows[i].headers;
        check_handshakes(rows[i].headers, rows[i].want);
    }
}

static void
test_a_proxy_on_the_same_machine_is_believed(void)
{
    static const row rows[] = {
        {"", NULL},
        {FOR("203.0.113.9"), "203.0.113.9 0 plain"},
        {FOR("203.0.113.9:4711"), "203.0.113.9 4711 plain"},
        {FOR("2001:DB8::0017"), "2001:db8::17 0 plain"},
        {FOR("[2001:db8::17]:4711"), "2001:db8::17 4711 plain"},
        {FOR("6.6.6.6, 203.0.113.9"), "203.0.113.9 0 plain"},
        {FOR("6.6.6.6") FOR("7.7.7.7, 203.0.113.9:80"), "203.0.113.9 80 plain"},
        {"x-forwarded-for:203.0.113.9\r\n", "203.0.113.9 0 plain"},
        /* What a client has made up beside, or before, what the proxy says. */
        {REAL_IP("6.6.6.6"), NULL},
        {FORWARDED("for=6.6.6.6;proto=https"), NULL},
        {REAL_IP("6.6.6.6") FOR("203.0.113.9"), "203.0.113.9 0 plain"},
        {FORWARDED("for=6.6.6.6") FOR("203.0.113.9"), "203.0.113.9 0 plain"},
        /* What is no address is none, and nobody else's word is taken for it. */
        {FOR("unknown"), NULL},
        {FOR("<b>bold</b>"), NULL},
        {FOR(""), NULL},
        {FOR("6.6.6.6,"), NULL},
        {FOR("6.6.6.6, unix:"), NULL},
        {FOR("6.6.6.6") FOR(""), NULL},
        {REAL_IP("6.6.6.6") FOR("unknown"), NULL},
    };

    listen_now(io);
    sio_authorization(io, note_client, NULL);
    check_rows(rows, N_ROWS(rows));
}

static void
test_only_the_header_of_the_proxy_counts(void)
{
    static const row rows[] = {
        {REAL_IP("203.0.113.9"), "203.0.113.9 0 plain"},
        {REAL_IP("203.0.113.9:4711"), "203.0.113.9 4711 plain"},
        {FOR("6.6.6.6"), NULL},
        {FOR("6.6.6.6") FORWARDED("for=7.7.7.7") REAL_IP("203.0.113.9"), "203.0.113.9 0 plain"},
    };

    note_all("[\"loopback\"]", "\"X-Real-IP\"");
    check_rows(rows, N_ROWS(rows));
}

static void
test_forwarded_tells_address_and_scheme(void)
{
    static const row rows[] = {
        {FORWARDED("for=203.0.113.9"), "203.0.113.9 0 plain"},
        {FORWARDED("for=\"[2001:db8::17]:4711\";proto=https;by=10.0.0.1"),
         "2001:db8::17 4711 secure"},
        {FORWARDED("for=6.6.6.6;proto=https") FORWARDED("for=203.0.113.9;proto=http"),
         "203.0.113.9 0 plain"},
        {REAL_IP("6.6.6.6") FORWARDED("for=203.0.113.9"), "203.0.113.9 0 plain"},
        {FORWARDED("for=6.6.6.6;a=\", for=203.0.113.9"), "203.0.113.9 0 plain"},
        {REAL_IP("6.6.6.6") FORWARDED("for=_hidden"), NULL},
        {FORWARDED("for=unknown"), NULL},
        {FORWARDED("203.0.113.9"), NULL},
        {PROTO("https") FORWARDED("for=203.0.113.9"), "203.0.113.9 0 plain"},
    };

    note_all("[\"loopback\"]", "\"forwarded\"");
    check_rows(rows, N_ROWS(rows));
}

static void
test_proxies_behind_proxies(void)
{
    static const row rows[] = {
        {FOR("203.0.113.9, 10.1.2.3"), "203.0.113.9 0 plain"},
        {FOR("6.6.6.6, 203.0.113.9:80, 2001:db8::1, 10.1.2.3"), "203.0.113.9 80 plain"},
        {FOR("6.6.6.6, 203.0.113.9") FOR("10.1.2.3"), "203.0.113.9 0 plain"},
        {FOR("6.6.6.6, unknown, 10.1.2.3"), "10.1.2.3 0 plain"},
        {FOR("10.9.9.9, 10.1.2.3"), "10.9.9.9 0 plain"}, /* a proxy asks itself */
        {FOR("127.0.0.2"), "127.0.0.2 0 plain"},
    };

    note_all("[\"127.0.0.1\", \"10.0.0.0/8\", \"2001:db8::/32\"]", "\"X-Forwarded-For\"");
    check_rows(rows, N_ROWS(rows));
}

static void
test_a_trusted_proxy_tells_of_tls(void)
{
    static const row rows[] = {
        {PROTO("https"), "secure"},
        {PROTO("HTTPS"), "secure"},
        {PROTO("wss"), "secure"},
        {PROTO("http"), "plain"},
        {PROTO("ws"), "plain"},
        {PROTO("https, http"), "plain"},
        {PROTO("http,https"), "secure"},
        {PROTO("https") PROTO("http"), "plain"},
        {PROTO("httpsx"), "plain"},
        {PROTO(""), "plain"},
        {FORWARDED("proto=https"), "plain"},
        {FORWARDED("proto=https") PROTO("http"), "plain"},
        {FORWARDED("proto=http") PROTO("https"), "secure"},
    };

    listen_now(io);
    sio_authorization(io, note_client, NULL);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        char headers[300], want[100];

        check_row = rows[i].headers;
        snprintf(headers, sizeof headers, "%s" FOR("203.0.113.9"), rows[i].headers);
        snprintf(want, sizeof want, "203.0.113.9 0 %s", rows[i].want);
        check_handshakes(headers, want);
    }
}

static void
test_nobody_else_is_believed(void)
{
    note_all("[\"10.0.0.0/8\", \"::1\"]", "\"X-Forwarded-For\"");
    check_handshakes(FOR("203.0.113.9") REAL_IP("203.0.113.9") PROTO("https")
                         FORWARDED("for=203.0.113.9;proto=https"),
                     NULL);
}

static void
test_nobody_is_believed_when_none_is_named(void)
{
    note_all("[]", "\"X-Forwarded-For\"");
    check_handshakes(FOR("203.0.113.9") PROTO("https"), NULL);
}

int
main(void)
{
    RUN_WITH_SERVER(test_a_proxy_on_the_same_machine_is_believed);
    RUN_WITH_SERVER(test_only_the_header_of_the_proxy_counts);
    RUN_WITH_SERVER(test_forwarded_tells_address_and_scheme);
    RUN_WITH_SERVER(test_proxies_behind_proxies);
    RUN_WITH_SERVER(test_a_trusted_proxy_tells_of_tls);
    RUN_WITH_SERVER(test_nobody_else_is_believed);
    RUN_WITH_SERVER(test_nobody_is_believed_when_none_is_named);
    return check_done();
}
