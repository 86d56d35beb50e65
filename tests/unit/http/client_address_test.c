/*
 * tests/unit/http/client_address_test.c - server/http/client_address.h as an application sees it: "address"
 * and "secure" of handshakes of all revisions.
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
test_a_trusted_proxy_tells_the_address(void)
{
    static const struct {
        const char *headers, *want;
    } rows[] = {
        {"", NULL},
        {FOR("203.0.113.9"), "203.0.113.9 0 plain"},
        {FOR("203.0.113.9:4711"), "203.0.113.9 4711 plain"},
        {FOR("2001:DB8::0017"), "2001:db8::17 0 plain"},
        {FOR("[2001:db8::17]:4711"), "2001:db8::17 4711 plain"},
        {FOR("6.6.6.6, 203.0.113.9"), "203.0.113.9 0 plain"},
        {FOR("6.6.6.6") FOR("7.7.7.7, 203.0.113.9:80"), "203.0.113.9 80 plain"},
        {"x-forwarded-for:203.0.113.9\r\n", "203.0.113.9 0 plain"},
        {REAL_IP("203.0.113.9"), "203.0.113.9 0 plain"},
        {REAL_IP("203.0.113.9:4711"), "203.0.113.9 4711 plain"},
        {FORWARDED("for=203.0.113.9"), "203.0.113.9 0 plain"},
        {FORWARDED("for=\"[2001:db8::17]:4711\";proto=https;by=10.0.0.1"),
         "2001:db8::17 4711 secure"},
        {FORWARDED("for=6.6.6.6;proto=https") FORWARDED("for=203.0.113.9;proto=http"),
         "203.0.113.9 0 plain"},
        /* What a client has made up beside, or before, what the proxy says. */
        {REAL_IP("6.6.6.6") FOR("203.0.113.9"), "203.0.113.9 0 plain"},
        {FORWARDED("for=6.6.6.6") FOR("203.0.113.9"), "203.0.113.9 0 plain"},
        {REAL_IP("6.6.6.6") FORWARDED("for=203.0.113.9"), "203.0.113.9 0 plain"},
        {FORWARDED("for=6.6.6.6;a=\", for=203.0.113.9"), "203.0.113.9 0 plain"},
        /* What is no address is none, and nobody else's word is taken for it. */
        {FOR("unknown"), NULL},
        {FOR("<b>bold</b>"), NULL},
        {FOR(""), NULL},
        {FOR("6.6.6.6,"), NULL},
        {FOR("6.6.6.6, unix:"), NULL},
        {REAL_IP("6.6.6.6") FOR("unknown"), NULL},
        {REAL_IP("6.6.6.6") FORWARDED("for=_hidden"), NULL},
        {FORWARDED("for=unknown"), NULL},
        {FORWARDED("203.0.113.9"), NULL},
    };

    sio_set(io, "trust proxy", "true");
    listen_now(io);
    sio_authorization(io, note_client, NULL);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].headers;
        check_handshakes(rows[i].headers, rows[i].want);
    }
}

static void
test_a_trusted_proxy_tells_of_tls(void)
{
    static const struct {
        const char *headers, *want;
    } rows[] = {
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
        {FORWARDED("proto=https"), "secure"},
        {FORWARDED("proto=https, for=203.0.113.8"), "plain"},
        {FORWARDED("proto=https") PROTO("http"), "plain"},
        {FORWARDED("proto=http") PROTO("https"), "secure"},
    };

    sio_set(io, "trust proxy", "true");
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
test_nobody_is_believed_unless_told(void)
{
    listen_now(io);
    sio_authorization(io, note_client, NULL);
    check_handshakes(FOR("203.0.113.9") REAL_IP("203.0.113.9") PROTO("https")
                         FORWARDED("for=203.0.113.9;proto=https"),
                     NULL);
}

int
main(void)
{
    RUN_WITH_SERVER(test_a_trusted_proxy_tells_the_address);
    RUN_WITH_SERVER(test_a_trusted_proxy_tells_of_tls);
    RUN_WITH_SERVER(test_nobody_is_believed_unless_told);
    return check_done();
}
