/* tests/unit/protocol/listen_address_test.c - where to listen, as settings say it. */
#include "protocol/listen_address.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static void
test_addresses(void)
{
    static const struct {
        const char *text, *host;
        unsigned    port;
        bool        is_unix, is_local;
    } rows[] = {
        {"127.0.0.1:9180", "127.0.0.1", 9180, false, true},
        {"127.9.9.9:0", "127.9.9.9", 0, false, true},
        {"[::1]:65535", "::1", 65535, false, true},
        {"localhost:1", "localhost", 1, false, true},
        {"LocalHost:1", "LocalHost", 1, false, true},
        {"*:80", "", 80, false, false},
        {"0.0.0.0:80", "0.0.0.0", 80, false, false},
        {"[::]:80", "::", 80, false, false},
        {"10.0.0.1:80", "10.0.0.1", 80, false, false},
        {"127.0.0.1.example:80", "127.0.0.1.example", 80, false, false},
        {"broker.example:80", "broker.example", 80, false, false},
        {"unix:/run/x.sock", "/run/x.sock", 0, true, true},
        {"unix:/a:1", "/a:1", 0, true, true},
    };

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        sio_listen_address at = {.port = 1};

        check_row = rows[i].text;
        CHECK_INT(sio_listen_address_parse(sio_view_of(rows[i].text), &at), SIO_OK);
        CHECK_VIEW(at.host, rows[i].host);
        CHECK_INT(at.port, rows[i].port);
        CHECK_INT(at.is_unix, rows[i].is_unix);
        CHECK_INT(sio_listen_address_is_local(&at), rows[i].is_local);
    }
}

static void
test_what_is_none(void)
{
    static const char *const rows[] = {
        "",        ":",          "80",        ":80",         "host",         "host:",     "host:x",
        "host:-1", "host:65536", "host:080a", "host:000080", "a b:80",       "::1:80",    "[::1]",
        "[::1]80", "[host]:80",  "[]:80",     "[:80",        "a]:80",        "host/x:80", "unix:",
        "unix:x",  "unix:/",     "unix",      "\"a\":80",    "h\xc3\xb6:80",
    };
    char               long_path[5 + SIO_LISTEN_PATH_MAX + 2] = "unix:/";
    sio_listen_address at;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i];
        CHECK_INT(sio_listen_address_parse(sio_view_of(rows[i]), &at), SIO_BAD);
    }
    check_row = NULL;
    CHECK_INT(sio_listen_address_parse((sio_view){"unix:/a\0b", 9}, &at), SIO_BAD);
    memset(long_path + 6, 'x', SIO_LISTEN_PATH_MAX - 1);
    CHECK_INT(sio_listen_address_parse(sio_view_of(long_path), &at), SIO_OK);
    long_path[5 + SIO_LISTEN_PATH_MAX] = 'x';
    CHECK_INT(sio_listen_address_parse(sio_view_of(long_path), &at), SIO_BAD);
}

int
main(void)
{
    RUN(test_addresses);
    RUN(test_what_is_none);
    return check_done();
}
