/*
 * tests/unit/server/api_pages_test.c - pages of the application on the port of the clients, by
 * siobroker.h.
 */
#include "tests/unit/server/api_fixture.h"

static char one[] = "1", two[] = "2", three[] = "3";

/* --- Requests. --- */

static void
ask_page(client *c, const char *method, const char *target, const char *body)
{
    char text[2000];

    snprintf(text, sizeof text,
             "%s %s HTTP/1.1\r\nHost: test\r\nX-Test: a b\r\nContent-Length: %zu\r\n\r\n%s", method,
             target, strlen(body), body);
    write_all(c, text, strlen(text));
}

/* On a connection of its own; the body is in c->text. */
static int
get_page(client *c, const char *method, const char *target, const char *body)
{
    int status;

    *c = (client){.fd = -1};
    open_connection(c, io);
    ask_page(c, method, target, body);
    status = answer_of(c);
    hang_up(c);
    return status;
}

/* --- What was asked. --- */

static void
tell_request(sio_page *page, void *arg)
{
    size_t      n_path, n_body, n_header = 0;
    const char *path = sio_page_path(page, &n_path), *body = sio_page_body(page, &n_body);
    const char *header = sio_page_header(page, "x-test", &n_header);
    char       *value = sio_page_query(page, "q"), *field = sio_page_field(page, "f");
    char       *address = sio_page_address(page);
    char        text[500];

    snprintf(text, sizeof text, "%s %s %.*s q=%s f=%s %.*s %.*s %s", (const char *)arg,
             sio_page_method(page), (int)n_path, path, value != NULL ? value : "-",
             field != NULL ? field : "-", (int)n_header, header, (int)n_body, body, address);
    CHECK(sio_page_header(page, "x-none", &n_header) == NULL);
    free(value);
    free(field);
    free(address);
    CHECK_INT(sio_page_answer(page, 200, NULL, text, strlen(text)), 0);
}

static void
test_a_page_knows_what_was_asked(void)
{
    client c;

    CHECK_INT(sio_route(io, "/a", tell_request, one), 0);
    listen_now(io);
    CHECK_INT(get_page(&c, "GET", "/a?p=1&q=x%20y+z", ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "1 GET /a q=x y z f=- a b  127.0.0.1");
    CHECK_INT(get_page(&c, "POST", "/a", "f=%C3%A9&g=1"), 200);
    CHECK_VIEW(sio_view_of(c.text), "1 POST /a q=- f=\xC3\xA9 a b f=%C3%A9&g=1 127.0.0.1");
    CHECK_INT(get_page(&c, "POST", "/a?q=%00", "f=a%00b"), 200);
    CHECK_VIEW(sio_view_of(c.text), "1 POST /a q=- f=- a b f=a%00b 127.0.0.1");
}

/* --- Which one. --- */

static void
test_the_closest_route_counts(void)
{
    client c;

    CHECK_INT(sio_route(io, "/*", tell_request, one), 0);
    CHECK_INT(sio_route(io, "/files/*", tell_request, two), 0);
    CHECK_INT(sio_route(io, "/files/x", tell_request, three), 0);
    listen_now(io);
    CHECK_INT(get_page(&c, "GET", "/", ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "1 GET / q=- f=- a b  127.0.0.1");
    CHECK_INT(get_page(&c, "GET", "/files/", ""), 200);
    CHECK(c.text[0] == '2');
    CHECK_INT(get_page(&c, "GET", "/files", ""), 200);
    CHECK(c.text[0] == '1');
    CHECK_INT(get_page(&c, "GET", "/files/x?y", ""), 200);
    CHECK(c.text[0] == '3');
    CHECK_INT(get_page(&c, "GET", "/files/xy", ""), 200);
    CHECK(c.text[0] == '2');
    CHECK_INT(sio_route(io, "/files/x", tell_request, one), 0);
    CHECK_INT(get_page(&c, "GET", "/files/x", ""), 200);
    CHECK(c.text[0] == '1');
    CHECK_INT(sio_route(io, "/files/x", NULL, NULL), 0);
    CHECK_INT(sio_route(io, "/files/x", NULL, NULL), 0);
    CHECK_INT(get_page(&c, "GET", "/files/x", ""), 200);
    CHECK(c.text[0] == '2');
    /* The broker's are its own. */
    CHECK_INT(get_page(&c, "GET", "/socket.io/", ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "Welcome to socket.io.");
    CHECK(handshake(&c, io));
    CHECK_INT(sio_route(io, "/*", NULL, NULL), 0);
    CHECK_INT(get_page(&c, "GET", "/", ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "Welcome to socket.io.");
}

static void
test_names_that_are_no_paths_are_refused(void)
{
    static const char *const bad[] = {"",
                                      "a",
                                      "/a b",
                                      "/a?b",
                                      "/a#",
                                      "/*a",
                                      "/a*",
                                      "/\xC3\xA9",
                                      "/**",
                                      "/a/*/b",
                                      "/socket.io",
                                      "/socket.io/x",
                                      "/socket.iox",
                                      "/echo",
                                      "/socket.io/*",
                                      "/a\n"};
    char                     long_path[1002], name[20];

    CHECK_INT(sio_set(io, "engine echo", "\"/echo\""), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_row = bad[i];
        CHECK_INT(sio_route(io, bad[i], tell_request, one), -1);
        CHECK(sio_error(io)[0] != '\0');
    }
    check_row = NULL;
    memset(long_path, '/', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    CHECK_INT(sio_route(io, long_path, tell_request, one), -1);
    CHECK_INT(sio_route(io, long_path + 1, tell_request, one), 0);
    for (int i = 1; i < 1000; i++) {
        snprintf(name, sizeof name, "/%d", i);
        CHECK_INT(sio_route(io, name, tell_request, one), 0);
    }
    CHECK_INT(sio_route(io, "/one-more", tell_request, one), -1);
    CHECK_INT(sio_route(io, "/7", tell_request, two), 0);
    CHECK_INT(sio_route(io, "/7", NULL, NULL), 0);
    CHECK_INT(sio_route(io, "/one-more", tell_request, one), 0);
}

static void
test_other_methods_and_long_bodies_are_refused(void)
{
    client c;

    CHECK_INT(sio_route(io, "/a", tell_request, one), 0);
    CHECK_INT(sio_set(io, "maxPayload", "1000"), 0);
    listen_now(io);
    CHECK_INT(get_page(&c, "PUT", "/a", ""), 405);
    CHECK_INT(get_page(&c, "DELETE", "/a", ""), 405);
    CHECK_INT(get_page(&c, "OPTIONS", "/a", ""), 405);
    CHECK_INT(get_page(&c, "TRACE", "/a", ""), 405);
    c = (client){.fd = -1};
    open_connection(&c, io);
    write_all(&c, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 51);
    CHECK_INT(answer_of(&c), 413);
    hang_up(&c);
}

/* --- Answers. --- */

static void
answer_with_headers(sio_page *page, void *arg)
{
    (void)arg;
    sio_page_set_header(page, "Location", "/b?c");
    sio_page_set_header(page, "Set-Cookie", "a=1");
    sio_page_set_header(page, "Set-Cookie", "b=2");
    CHECK_INT(sio_page_answer(page, 303, "text/plain", "over there", 10), 0);
}

static void
answer_nothing(sio_page *page, void *arg)
{
    (void)arg;
    CHECK_INT(sio_page_answer(page, 204, NULL, "never sent", 10), 0);
}

static bool
has_come(client *c, const char *text)
{
    read_more(c);
    return c->in.len > 0 && memmem(c->in.data, c->in.len, text, strlen(text)) != NULL;
}

static void
test_answers_are_whole(void)
{
    client c = {.fd = -1};

    CHECK_INT(sio_route(io, "/a", answer_with_headers, NULL), 0);
    CHECK_INT(sio_route(io, "/n", answer_nothing, NULL), 0);
    listen_now(io);
    open_connection(&c, io);
    ask_page(&c, "GET", "/a", "");
    UNTIL(has_come(&c, "over there"));
    sio_buf_add_char(&c.in, '\0');
    CHECK(strncmp(c.in.data, "HTTP/1.1 303 See Other\r\n", 24) == 0);
    CHECK(strstr(c.in.data, "\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n") != NULL);
    CHECK(strstr(c.in.data, "\r\nLocation: /b?c\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n") !=
          NULL);
    sio_buf_clear(&c.in);
    /* On the same connection: a HEAD has the length alone, and 204 nothing at all. */
    ask_page(&c, "HEAD", "/a", "");
    ask_page(&c, "GET", "/n", "");
    UNTIL(has_come(&c, "HTTP/1.1 204 No Content\r\n"));
    UNTIL(has_come(&c, "") && memcmp(c.in.data + c.in.len - 4, "\r\n\r\n", 4) == 0);
    sio_buf_add_char(&c.in, '\0');
    CHECK(strstr(c.in.data, "over there") == NULL && strstr(c.in.data, "never sent") == NULL);
    CHECK(strstr(strstr(c.in.data, "HTTP/1.1 204"), "\r\nContent-") == NULL);
    hang_up(&c);
}

/* What is wrong with the answer, by the path. */
static void
answer_badly(sio_page *page, void *arg)
{
    static char large[16 * 1024 * 1024 + 1];
    const char *how = arg;
    unsigned    status = how[0] == 's' ? 600 : 200;

    if (how[0] == 'n')
        sio_page_set_header(page, "A b", "x");
    if (how[0] == 'o')
        sio_page_set_header(page, "content-length", "3");
    if (how[0] == 'v')
        sio_page_set_header(page, "A", "x\r\nB: y");
    for (int i = 0; how[0] == 'm' && i < 20; i++) {
        large[1000] = '\0';
        memset(large, 'x', 1000);
        sio_page_set_header(page, "A", large);
    }
    CHECK_INT(sio_page_answer(page, status, how[0] == 't' ? "a\nb" : NULL, large,
                              how[0] == 'l' ? sizeof large : 1),
              -1);
}

static void
test_a_bad_answer_is_none(void)
{
    static char bad[][8] = {"status", "name", "own", "value", "many", "type", "long"};
    char        path[20];
    client      c;

    listen_now(io);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_row = bad[i];
        snprintf(path, sizeof path, "/%.7s", bad[i]);
        CHECK_INT(sio_route(io, path, answer_badly, bad[i]), 0);
        CHECK_INT(get_page(&c, "GET", path, ""), 500);
        CHECK_VIEW(sio_view_of(c.text), "The answer of the application is not valid.");
        CHECK(sio_error(io)[0] != '\0');
    }
    check_row = NULL;
}

/* --- Later. --- */

static sio_page *kept;

static void
keep_page(sio_page *page, void *arg)
{
    (void)arg;
    kept = page;
}

static int
answer_kept(const char *text)
{
    sio_page *page = kept;

    kept = NULL;
    return sio_page_answer(page, 200, NULL, text, strlen(text));
}

/* A page that waits for its answer. */
static void
begin_later(client *c)
{
    *c = (client){.fd = -1};
    CHECK_INT(sio_route(io, "/later", keep_page, NULL), 0);
    listen_now(io);
    open_connection(c, io);
    ask_page(c, "GET", "/later", "");
    UNTIL(kept != NULL);
}

static void
test_an_answer_may_come_later(void)
{
    client c;

    begin_later(&c);
    CHECK_INT(answer_kept("first"), 0);
    CHECK_INT(answer_of(&c), 200);
    CHECK_VIEW(sio_view_of(c.text), "first");
    ask_page(&c, "POST", "/later", "x"); /* the connection goes on */
    UNTIL(kept != NULL);
    CHECK_INT(answer_kept("second"), 0);
    CHECK_INT(answer_of(&c), 200);
    CHECK_VIEW(sio_view_of(c.text), "second");
    hang_up(&c);
}

static void
test_who_has_gone_gets_no_answer(void)
{
    client c;

    begin_later(&c);
    hang_up(&c);
    UNTIL(sio_link_empty(&io->net.conns));
    CHECK_INT(answer_kept("nobody reads it"), 0);

    open_connection(&c, io);
    ask_page(&c, "GET", "/later", "");
    UNTIL(kept != NULL);
    replace_server();
    CHECK_INT(answer_kept("the server is gone, too"), 0);
    hang_up(&c);
}

static void
test_who_is_not_answered_is_told(void)
{
    client c = {.fd = -1};

    CHECK_INT(sio_route(io, "/later", keep_page, NULL), 0);
    io->handlers.page_patience_ms = 1;
    listen_now(io);
    open_connection(&c, io);
    ask_page(&c, "GET", "/later", "");
    UNTIL(kept != NULL);
    CHECK_INT(answer_of(&c), 504);
    CHECK_INT(answer_kept("too late"), 0);
    hang_up(&c);
}

int
main(void)
{
    RUN_WITH_SERVER(test_a_page_knows_what_was_asked);
    RUN_WITH_SERVER(test_the_closest_route_counts);
    RUN_WITH_SERVER(test_names_that_are_no_paths_are_refused);
    RUN_WITH_SERVER(test_other_methods_and_long_bodies_are_refused);
    RUN_WITH_SERVER(test_answers_are_whole);
    RUN_WITH_SERVER(test_a_bad_answer_is_none);
    RUN_WITH_SERVER(test_an_answer_may_come_later);
    RUN_WITH_SERVER(test_who_has_gone_gets_no_answer);
    RUN_WITH_SERVER(test_who_is_not_answered_is_told);
    return check_done();
}
