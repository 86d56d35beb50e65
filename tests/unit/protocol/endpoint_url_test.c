#include "protocol/endpoint_url.h"

#include "tests/unit/check.h"

static void
test_good_ones(void)
{
    static const struct {
        const char *text;
        bool        is_tls;
        const char *socket, *authority, *host;
        unsigned    port;
        const char *path;
    } rows[] = {
        {"http://127.0.0.1", false, "", "127.0.0.1", "127.0.0.1", 80, ""},
        {"http://127.0.0.1:8000/hook?a=b", false, "", "127.0.0.1:8000", "127.0.0.1", 8000,
         "/hook?a=b"},
        {"http://app?a", false, "", "app", "app", 80, "?a"},
        {"HTTPS://app.example:1/", true, "", "app.example:1", "app.example", 1, "/"},
        {"https://app.example", true, "", "app.example", "app.example", 443, ""},
        {"https://[::1]:8443/x", true, "", "[::1]:8443", "::1", 8443, "/x"},
        {"http://[::1]", false, "", "[::1]", "::1", 80, ""},
        {"http://a_b-c:65535/@:", false, "", "a_b-c:65535", "a_b-c", 65535, "/@:"},
        {"unix:/run/app.sock:/hook", false, "/run/app.sock", "", "", 0, "/hook"},
        {"unix:/s:/a:b", false, "/s", "", "", 0, "/a:b"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_endpoint_url url;

        check_row = rows[i].text;
        if (!CHECK(sio_endpoint_url_read(sio_view_of(rows[i].text), &url)))
            continue;
        CHECK_INT(url.is_tls, rows[i].is_tls);
        CHECK_VIEW(url.socket, rows[i].socket);
        CHECK_VIEW(url.authority, rows[i].authority);
        CHECK_VIEW(url.host, rows[i].host);
        CHECK_INT(url.port, rows[i].port);
        CHECK_VIEW(url.path, rows[i].path);
    }
}

static void
test_bad_ones(void)
{
    static const char *const rows[] = {
        "",
        "http",
        "http:/a",
        "http://",
        "http:///a",
        "http://:80",
        "http://a:",
        "http://a:0",
        "http://a:65536",
        "http://a:123456",
        "http://a:8x",
        "http://user@a",
        "http://user:word@a/",
        "http://a/#b",
        "http://a b",
        "http://a/\r\nx: y",
        "http://a/\xc3\xa4",
        "http://a/\\",
        "http://a/\"",
        "http://[::1",
        "http://[::1]x",
        "http://[]",
        "http://[g z]",
        "ftp://a",
        "unix:",
        "unix:run:/a",
        "unix:/run",
        "unix:/run:",
        "unix:/run:a",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_endpoint_url url;

        check_row = rows[i];
        CHECK(!sio_endpoint_url_read(sio_view_of(rows[i]), &url));
    }
}

static void
test_no_longer_than_allowed(void)
{
    char             text[SIO_ENDPOINT_URL_MAX + 1] = "http://a/";
    sio_endpoint_url url;

    memset(text + 9, 'a', sizeof text - 9);
    CHECK(sio_endpoint_url_read((sio_view){text, sizeof text - 1}, &url));
    CHECK(!sio_endpoint_url_read((sio_view){text, sizeof text}, &url));
}

static void
test_no_longer_path_of_a_socket_than_the_system_takes(void)
{
    char             name[SIO_ENDPOINT_URL_MAX_SOCKET + 1] = "", text[200];
    sio_endpoint_url url;

    memset(name, 'a', SIO_ENDPOINT_URL_MAX_SOCKET);
    snprintf(text, sizeof text, "unix:/%s:/", name + 1);
    CHECK(sio_endpoint_url_read(sio_view_of(text), &url));
    snprintf(text, sizeof text, "unix:/%s:/", name);
    CHECK(!sio_endpoint_url_read(sio_view_of(text), &url));
}

int
main(void)
{
    RUN(test_good_ones);
    RUN(test_bad_ones);
    RUN(test_no_longer_than_allowed);
    RUN(test_no_longer_path_of_a_socket_than_the_system_takes);
    return check_done();
}
