/*
 * tests/unit/cli/web_url_test.c - server/cli/web_url.c: which URLs there are, and the requests that
 * are made of them.
 */
#include "server/cli/web_url.h"

#include <string.h>

#include "protocol/result.h"
#include "tests/unit/check.h"

static void
test_what_a_url_means(void)
{
    static const struct {
        const char *text, *host;
        unsigned    port;
        const char *target;
    } rows[] = {
        {"http://127.0.0.1:3100", "127.0.0.1", 3100, "/socket.io/?EIO=4&transport=polling"},
        {"ws://localhost:3100/", "localhost", 3100, "/socket.io/?EIO=4&transport=polling"},
        {"localhost:3100", "localhost", 3100, "/socket.io/?EIO=4&transport=polling"},
        {"http://example.org", "example.org", 80, "/socket.io/?EIO=4&transport=polling"},
        {"[::1]:3100", "::1", 3100, "/socket.io/?EIO=4&transport=polling"},
        {"https://example.org", "example.org", 443, "/socket.io/?EIO=4&transport=polling"},
        {"wss://h:8443/x", "h", 8443, "/x/?EIO=4&transport=polling"},
        {"http://h:1/a/b/", "h", 1, "/a/b/?EIO=4&transport=polling"},
        {"http://h:1/a?token=x&y=?#z", "h", 1, "/a/?EIO=4&transport=polling&token=x&y=?"},
        {"http://h:1?token=x", "h", 1, "/socket.io/?EIO=4&transport=polling&token=x"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_buf     error, target;
        sio_web_url url;

        check_row = rows[i].text;
        sio_buf_init(&error, 1024);
        sio_buf_init(&target, 1024);
        if (CHECK_INT(sio_web_url_parse(sio_view_of(rows[i].text), &url, &error), SIO_OK)) {
            CHECK_VIEW(url.at.host, rows[i].host);
            CHECK_INT(url.at.port, rows[i].port);
            CHECK_INT(url.is_tls, strstr(rows[i].text, "https:") != NULL ||
                                      strstr(rows[i].text, "wss:") != NULL);
            sio_web_url_add_target(&url, "polling", &target);
            CHECK_VIEW(sio_buf_view(&target), rows[i].target);
        }
        sio_buf_fini(&error);
        sio_buf_fini(&target);
    }
}

static void
test_what_is_no_url_is_told_why(void)
{
    static const char *const texts[] = {
        "",
        "http://",
        "http:///x",
        "http://h:x",
        "http://h:65536",
        "ftp://h/",
        "https://",
        "wss:h:443/x",
        "http://a b/",
        "http://h/\r\n",
        "http://h/\xc3\xa9",
        "::1",
        "unix:/run/x",
        "*:3100",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sio_buf     error;
        sio_web_url url;

        check_row = texts[i];
        sio_buf_init(&error, 1024);
        CHECK_INT(sio_web_url_parse(sio_view_of(texts[i]), &url, &error), SIO_BAD);
        CHECK(error.len > 0);
        sio_buf_fini(&error);
    }
}

int
main(void)
{
    RUN(test_what_a_url_means);
    RUN(test_what_is_no_url_is_told_why);
    return check_done();
}
