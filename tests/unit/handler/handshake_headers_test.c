#include "server/handler/handshake_headers.h"
#include "tests/unit/check.h"

#include <stdio.h>

static sio_http_request request; /* large */

static void
check_headers(const char *lines, sio_view want)
{
    const sio_http_limits limits = {1U << 20, SIO_HTTP_MAX_HEADERS};
    sio_buf               head, json;

    sio_buf_init(&head, SIZE_MAX);
    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_str(&head, "GET / HTTP/1.0\r\n");
    sio_buf_add_str(&head, lines);
    sio_buf_add_str(&head, "\r\n");
    CHECK_INT(sio_http_request_parse(head.data, head.len, &limits, &request), head.len);
    sio_handshake_headers(&request, &json);
    CHECK_VIEW(sio_buf_view(&json), want);
    sio_buf_fini(&head);
    sio_buf_fini(&json);
}

static void
test_each_name_once_in_lower_case(void)
{
    check_headers("", SIO_VIEW("{}"));
    check_headers("A: 1\r\n", SIO_VIEW("{\"a\":\"1\"}"));
    check_headers("A: 1\r\nB: \r\nX-Y: \"q\"\r\n",
                  SIO_VIEW("{\"a\":\"1\",\"b\":\"\",\"x-y\":\"\\\"q\\\"\"}"));
    check_headers("A: \xFF\r\n", SIO_VIEW("{\"a\":\"\xEF\xBF\xBD\"}"));
}

static void
test_repeated_ones_are_joined(void)
{
    check_headers("A: 1\r\nB: 2\r\na: 3\r\nC: 4\r\nb:\r\nA: 5\r\n",
                  SIO_VIEW("{\"a\":\"1, 3, 5\",\"b\":\"2, \",\"c\":\"4\"}"));
    /* A piece of a character in each, which the comma keeps apart. */
    check_headers("A: \xC3\r\nA: \xA9\r\n", SIO_VIEW("{\"a\":\"\xEF\xBF\xBD, \xEF\xBF\xBD\"}"));
}

/* More names than the table has places, each of them twice. */
static void
test_very_many(void)
{
    enum { N_NAMES = SIO_HTTP_MAX_HEADERS / 2 };
    sio_buf lines, want;
    char    text[64];

    sio_buf_init(&lines, SIZE_MAX);
    sio_buf_init(&want, SIZE_MAX);
    for (int i = 0; i < 2 * N_NAMES; i++) {
        snprintf(text, sizeof text, "X-%d: %d\r\n", i % N_NAMES, i);
        sio_buf_add_str(&lines, text);
    }
    for (int i = 0; i < N_NAMES; i++) {
        snprintf(text, sizeof text, "%s\"x-%d\":\"%d, %d\"", i == 0 ? "{" : ",", i, i, i + N_NAMES);
        sio_buf_add_str(&want, text);
    }
    sio_buf_add_char(&want, '}');
    sio_buf_add_char(&lines, '\0');
    check_headers(lines.data, sio_buf_view(&want));
    sio_buf_fini(&lines);
    sio_buf_fini(&want);
}

int
main(void)
{
    RUN(test_each_name_once_in_lower_case);
    RUN(test_repeated_ones_are_joined);
    RUN(test_very_many);
    return check_done();
}
