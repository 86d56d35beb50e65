#include "protocol/origin.h"
#include "tests/unit/check.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

typedef struct {
    const char *origin; /* NULL: there is none */
    bool        want;
} row;

static void
check_rows(const sio_view *origins, size_t n_origins, const row *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        const sio_view origin = sio_view_of(rows[i].origin);

        check_row = rows[i].origin == NULL ? "(none)" : rows[i].origin;
        CHECK_INT(sio_origin_allowed(origins, n_origins, rows[i].origin != NULL, origin),
                  rows[i].want);
    }
}

/* The verified list of section 1.3, and its neighbours. */
static void
test_listed_hosts_and_ports(void)
{
    static const sio_view origins[] = {SIO_VIEW_INIT("foo.com:80"), SIO_VIEW_INIT("bar.com:*"),
                                       SIO_VIEW_INIT("*:8080")};
    static const row      rows[] = {
             {"http://foo.com", true},
             {"https://foo.com", true},
             {"http://foo.com:81", false},
             {"http://bar.com:9", true},
             {"http://zed.com:8080", true},
             {"http://bar.com/x", true},
             {"null", false},
             {"garbage", false},
             {NULL, false},
             {"", false},
             {"http://FOO.com:80/", true},
             {"http://foo.com:", true},
             {"https://foo.com:443", false},
             {"http://foo.com?x", true},
             {"http://foo.com.evil.com", false},
             {"http://evilfoo.com", false},
             {"http://oo.com:80", false},
             {"http://foo.com@evil.com", false},
             {"http://foo.com:80@evil.com", false},
             {"http://user:pass@foo.com", true},
             {"http://evil.com/@foo.com", false},
             {"http://evil.com\\@foo.com", false},
             {"http://evil.com#@foo.com", false},
             {"http://evil.com/http://foo.com", false},
             {"/http://foo.com", false},
             {"foo.com:80", false},
             {"http:foo.com", false},
             {"http://:8080", false},
             {"http://", false},
             {"://foo.com", false},
             {"http://zed.com:8080x", false},
             {"http://zed.com:x8080", false},
             {"http://[::1]", false},
             {"http://[::1]:8080", true},
    };

    check_rows(origins, N_ROWS(origins), rows, N_ROWS(rows));
}

static void
test_default_setting_admits_everything(void)
{
    static const sio_view origins[] = {SIO_VIEW_INIT("foo.com:80"), SIO_VIEW_INIT("*:*")};
    static const row rows[] = {{"http://x", true}, {"null", true}, {"garbage", true}, {NULL, true}};

    check_rows(origins, N_ROWS(origins), rows, N_ROWS(rows));
}

static void
test_https_has_two_default_ports(void)
{
    static const sio_view origins[] = {SIO_VIEW_INIT("foo.com:443"), SIO_VIEW_INIT("Bar.com:80")};
    static const row      rows[] = {
             {"https://foo.com", true}, {"wss://foo.com", true},   {"HTTPS://foo.com", true},
             {"http://foo.com", false}, {"https://bar.com", true}, {"http://foo.com:443", true},
    };

    check_rows(origins, N_ROWS(origins), rows, N_ROWS(rows));
}

static void
test_opaque_origins_have_no_port(void)
{
    static const sio_view origins[] = {SIO_VIEW_INIT("*:80")};
    static const row      rows[] = {{"http://x", true}, {"null", false}, {"garbage", false}};

    check_rows(origins, N_ROWS(origins), rows, N_ROWS(rows));
}

static void
test_ipv6_with_and_without_brackets(void)
{
    static const sio_view origins[] = {SIO_VIEW_INIT("[::1]:80"), SIO_VIEW_INIT("fe80::2:81")};
    static const row      rows[] = {
             {"http://[::1]", true},        {"http://[::1]:80/x", true}, {"http://[::1]:81", false},
             {"http://[fe80::2]:81", true}, {"http://[fe80::2]", false},
    };

    check_rows(origins, N_ROWS(origins), rows, N_ROWS(rows));
}

static void
test_elements_are_compared_whole(void)
{
    static const sio_view origins[] = {SIO_VIEW_INIT("foo.com:80 *:*"), SIO_VIEW_INIT("*"),
                                       SIO_VIEW_INIT("")};
    static const row      rows[] = {{"http://foo.com", false}, {"http://x", false}, {NULL, false}};

    check_rows(origins, N_ROWS(origins), rows, N_ROWS(rows));
    check_rows(NULL, 0, rows, N_ROWS(rows));
}

int
main(void)
{
    RUN(test_listed_hosts_and_ports);
    RUN(test_default_setting_admits_everything);
    RUN(test_https_has_two_default_ports);
    RUN(test_opaque_origins_have_no_port);
    RUN(test_ipv6_with_and_without_brackets);
    RUN(test_elements_are_compared_whole);
    return check_done();
}
