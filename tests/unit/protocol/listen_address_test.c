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

static void
test_words_behind_an_address(void)
{
    static const struct {
        const char *text, *address, *host;
        bool        is_proxy, is_tls;
    } rows[] = {
        {"*:80", "*:80", "", false, false},
        {"*:80 proxy", "*:80", "", true, false},
        {"[::1]:80 tls", "[::1]:80", "::1", false, true},
        {"h:80 tls proxy", "h:80", "h", true, true},
        {"h:80 proxy tls", "h:80", "h", true, true},
        {"unix:/a proxy", "unix:/a", "/a", true, false},
    };

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        sio_listen_entry entry;

        check_row = rows[i].text;
        CHECK_INT(sio_listen_entry_parse(sio_view_of(rows[i].text), &entry), SIO_OK);
        CHECK_VIEW(entry.address, rows[i].address);
        CHECK_VIEW(entry.at.host, rows[i].host);
        CHECK_INT(entry.is_proxy, rows[i].is_proxy);
        CHECK_INT(entry.is_tls, rows[i].is_tls);
    }
}

static void
test_what_are_no_words(void)
{
    static const char *const rows[] = {
        "",          " ",           "proxy",      "proxy *:80",       "*:80 ",     " *:80",
        "*:80  tls", "*:80 proxy ", "*:80 Proxy", "*:80 proxy proxy", "*:80 prox", "*:80 proxytls",
        "*:80\ttls", "*:80 tls,",   "unix:/a b",
    };
    sio_listen_entry entry;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i];
        CHECK_INT(sio_listen_entry_parse(sio_view_of(rows[i]), &entry), SIO_BAD);
    }
}

int
main(void)
{
    RUN(test_addresses);
    RUN(test_what_is_none);
    RUN(test_words_behind_an_address);
    RUN(test_what_are_no_words);
    return check_done();
}
