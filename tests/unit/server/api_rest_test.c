/*
 * tests/unit/server/api_rest_test.c - an application that is a web server beside the broker, by
 * siobroker.h: sio_route_rest(), and answers in parts.
 */
#include "tests/unit/server/api_fixture.h"

static void
ask_raw(client *c, const char *text)
{
    *c = (client){.fd = -1};
    open_connection(c, io);
    write_all(c, text, strlen(text));
}

static void
read_all(client *c)
{
    size_t n;

    do {
        n = c->in.len;
        read_more(c);
    } while (c->in.len > n);
}

static bool
has_come(client *c, const char *text)
{
    read_all(c);
    return c->in.len > 0 && memmem(c->in.data, c->in.len, text, strlen(text)) != NULL;
}

/* What has come so far, as a C string. */
static const char *
come(client *c)
{
    sio_buf_add_char(&c->in, '\0');
    c->in.len--;
    return c->in.data;
}

/* The server has closed the connection, and all that it had sent is here. */
static bool
is_over(client *c)
{
    read_all(c);
    return c->ended;
}

/* --- What was asked. --- */

static void
tell_all(sio_page *page, void *arg)
{
    size_t      n_target;
    const char *target = sio_page_target(page, &n_target);
    sio_bytes   name, value;
    sio_buf     text;

    (void)arg;
    sio_buf_init(&text, 2000);
    sio_buf_add_str(&text, sio_page_method(page));
    sio_buf_add_char(&text, ' ');
    sio_buf_add(&text, target, n_target);
    sio_buf_add_str(&text, sio_page_http_minor(page) == 1 ? " 1.1" : " 1.0");
    sio_buf_add_str(&text, sio_page_is_secure(page) ? " secure" : "");
    for (size_t i = 0; sio_page_header_at(page, i, &name, &value); i++) {
        sio_buf_add_char(&text, '|');
        sio_buf_add(&text, name.data, name.len);
        sio_buf_add_char(&text, '=');
        sio_buf_add(&text, value.data, value.len);
    }
    CHECK_INT(sio_page_answer(page, 200, "", text.data, text.len), 0);
    sio_buf_fini(&text);
}

static void
test_the_rest_is_all_that_is_nobody_elses(void)
{
    static const struct {
        const char *request, *body;
    } rows[] = {
        {"GET /a?b=%20c HTTP/1.1\r\nHost: h\r\nX-a: 1\r\nx-A: 2\r\n\r\n",
         "GET /a?b=%20c 1.1|Host=h|X-a=1|x-A=2"},
        {"PUT / HTTP/1.0\r\n\r\n", "PUT / 1.0"},
        {"DELETE //x HTTP/1.1\r\nHost: h\r\n\r\n", "DELETE //x 1.1|Host=h"},
        {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * 1.1|Host=h"},
        {"PROPFIND /a HTTP/1.1\r\nHost: h\r\n\r\n", "PROPFIND /a 1.1|Host=h"},
        {"GET /socket.io/ HTTP/1.1\r\nHost: h\r\n\r\n", "Welcome to socket.io."},
        {"GET /own HTTP/1.1\r\nHost: h\r\n\r\n", "GET /own 1.1|Host=h"},
    };
    client c;

    sio_route_rest(io, tell_all, NULL);
    CHECK_INT(sio_route(io, "/own", tell_all, NULL), 0);
    listen_now(io);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i].request;
        ask_raw(&c, rows[i].request);
        CHECK_INT(answer_of(&c), 200);
        CHECK_VIEW(sio_view_of(c.text), rows[i].body);
        hang_up(&c);
    }
    ask_raw(&c, "PUT /own HTTP/1.1\r\nHost: h\r\n\r\n"); /* routes are as they are */
    CHECK_INT(answer_of(&c), 405);
    hang_up(&c);
    ask_raw(&c, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKL /a HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_INT(answer_of(&c), 501);
    hang_up(&c);
    sio_route_rest(io, NULL, NULL);
    ask_raw(&c, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_INT(answer_of(&c), 200);
    CHECK_VIEW(sio_view_of(c.text), "Welcome to socket.io.");
    hang_up(&c);
    check_row = NULL;
}

static void
answer_head(sio_page *page, void *arg)
{
    (void)arg;
    CHECK(strcmp(sio_page_method(page), "HEAD") == 0);
    sio_page_set_reason(page, "So It Is");
    sio_page_set_header(page, "X-Mine", "yes");
    sio_page_set_header(page, "Connection", "close");
    CHECK_INT(sio_page_answer(page, 404, "", "unseen", 6), 0);
}

static void
test_it_says_all_by_itself(void)
{
    client      c;
    const char *head;

    sio_route_rest(io, answer_head, NULL);
    listen_now(io);
    ask_raw(&c, "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    UNTIL(is_over(&c));
    head = come(&c);
    CHECK(strncmp(head,
                  "HTTP/1.1 404 So It Is\r\nContent-Length: 6\r\nX-Mine: yes\r\nDate: ", 61) == 0);
    CHECK(strstr(head, "\r\nConnection: close\r\n\r\n") != NULL);
    CHECK(strstr(head, "Content-Type") == NULL && strstr(head, "X-Content") == NULL);
    CHECK(strstr(head, "unseen") == NULL);
    hang_up(&c);
}

/* --- Answers in parts. --- */

static sio_page *kept;
static int       n_gone, n_drained;

static void
on_gone(void *arg)
{
    (void)arg;
    n_gone++;
}

static void
on_drained(void *arg)
{
    (void)arg;
    n_drained++;
}

static void
keep_page(sio_page *page, void *arg)
{
    (void)arg;
    n_gone = n_drained = 0;
    sio_page_on_gone(page, on_gone, NULL);
    sio_page_on_drain(page, on_drained, NULL);
    kept = page;
}

static void
ask_and_keep(client *c, const char *text)
{
    kept = NULL;
    ask_raw(c, text);
    UNTIL(kept != NULL);
}

static const char get_11[] = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
static const char get_10[] = "GET /a HTTP/1.0\r\n\r\n";
static const char head_11[] = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n";

static void
test_an_answer_comes_in_parts(void)
{
    client c;

    sio_route_rest(io, keep_page, NULL);
    listen_now(io);
    ask_and_keep(&c, get_11);
    CHECK_INT(sio_page_write(kept, "early", 5), -1);
    CHECK_INT(sio_page_begin(kept, 200, "text/plain", SIO_PAGE_ANY_LENGTH), 0);
    CHECK_INT(sio_page_write(kept, "one ", 4), 0);
    UNTIL(has_come(&c, "\r\n\r\n4\r\none \r\n"));
    CHECK_INT(sio_page_write(kept, "", 0), 0);
    CHECK_INT(sio_page_write(kept, "two", 3), 0);
    sio_page_end(kept);
    CHECK_INT(answer_of(&c), 200);
    CHECK_VIEW(sio_view_of(c.text), "one two");
    CHECK_INT(n_gone, 0);
    hang_up(&c);

    ask_and_keep(&c, get_11); /* with a length */
    CHECK_INT(sio_page_begin(kept, 200, "", 6), 0);
    CHECK_INT(sio_page_write(kept, "abc", 3), 0);
    CHECK_INT(sio_page_write(kept, "def", 3), 0);
    sio_page_end(kept);
    CHECK_INT(answer_of(&c), 200);
    CHECK_VIEW(sio_view_of(c.text), "abcdef");
    hang_up(&c);

    ask_and_keep(&c, get_10); /* the connection is what ends it */
    CHECK_INT(sio_page_begin(kept, 200, "", SIO_PAGE_ANY_LENGTH), 0);
    CHECK_INT(sio_page_write(kept, "abc", 3), 0);
    sio_page_end(kept);
    UNTIL(is_over(&c));
    CHECK(strstr(come(&c), "chunked") == NULL && strstr(come(&c), "close\r\n\r\nabc") != NULL);
    hang_up(&c);

    ask_and_keep(&c, head_11);
    CHECK_INT(sio_page_begin(kept, 200, "", SIO_PAGE_ANY_LENGTH), 0);
    CHECK_INT(sio_page_write(kept, "abc", 3), 0);
    sio_page_end(kept);
    write_all(&c, get_11, sizeof get_11 - 1);
    kept = NULL;
    UNTIL(kept != NULL);
    CHECK_INT(sio_page_answer(kept, 200, "", "next", 4), 0);
    UNTIL(has_come(&c, "next"));
    CHECK(strstr(come(&c), "abc") == NULL && strstr(come(&c), "\r\n\r\nHTTP/1.1 200") != NULL);
    hang_up(&c);
}

static void
test_a_wrong_beginning_is_500(void)
{
    client c;

    sio_route_rest(io, keep_page, NULL);
    listen_now(io);
    ask_and_keep(&c, get_11);
    CHECK_INT(sio_page_begin(kept, 204, "", SIO_PAGE_ANY_LENGTH), -1);
    CHECK_INT(answer_of(&c), 500);
    CHECK_INT(sio_page_write(kept, "x", 1), -1);
    sio_page_end(kept);
    hang_up(&c);

    ask_and_keep(&c, get_11); /* none at all */
    sio_page_end(kept);
    CHECK_INT(answer_of(&c), 500);
    hang_up(&c);

    ask_and_keep(&c, get_11);
    sio_page_set_reason(kept, "a\r\nb");
    CHECK_INT(sio_page_answer(kept, 200, "", "x", 1), -1);
    CHECK_INT(answer_of(&c), 500);
    hang_up(&c);
}

/* Neither too much nor too little of what was told looks like a whole answer. */
static void
test_an_answer_of_another_length_is_cut(void)
{
    client c;

    sio_route_rest(io, keep_page, NULL);
    listen_now(io);
    ask_and_keep(&c, get_11);
    CHECK_INT(sio_page_begin(kept, 200, "", 5), 0);
    CHECK_INT(sio_page_write(kept, "abc", 3), 0);
    CHECK_INT(sio_page_write(kept, "def", 3), -1);
    CHECK_INT(sio_page_write(kept, "d", 1), -1);
    sio_page_end(kept);
    UNTIL(is_over(&c));
    CHECK(strstr(come(&c), "\r\n\r\nabc") != NULL && strstr(come(&c), "abcd") == NULL);
    hang_up(&c);

    ask_and_keep(&c, get_11);
    CHECK_INT(sio_page_begin(kept, 200, "", 5), 0);
    CHECK_INT(sio_page_write(kept, "abc", 3), 0);
    sio_page_end(kept);
    UNTIL(is_over(&c));
    hang_up(&c);

    ask_and_keep(&c, get_11); /* a second beginning */
    CHECK_INT(sio_page_begin(kept, 200, "", SIO_PAGE_ANY_LENGTH), 0);
    CHECK_INT(sio_page_begin(kept, 200, "", SIO_PAGE_ANY_LENGTH), -1);
    CHECK_INT(sio_page_write(kept, "x", 1), -1);
    sio_page_end(kept);
    UNTIL(is_over(&c));
    CHECK(strstr(come(&c), "0\r\n\r\n") == NULL);
    hang_up(&c);
}

static char large[4 * 1024 * 1024];

static void
test_who_does_not_read_makes_it_wait(void)
{
    client c;
    size_t n = 0;

    sio_route_rest(io, keep_page, NULL);
    listen_now(io);
    ask_and_keep(&c, get_11);
    CHECK_INT(sio_page_begin(kept, 200, "", SIO_PAGE_ANY_LENGTH), 0);
    for (int i = 0; i < 20 && sio_page_write(kept, large, sizeof large) == 0; i++)
        n++;
    CHECK(n < 20); /* sooner or later it waits */
    CHECK_INT(n_drained, 0);
    UNTIL(has_come(&c, "") && n_drained == 1);
    for (int i = 0; i < 20 && sio_page_write(kept, large, sizeof large) >= 0; i++)
        ;
    CHECK_INT(sio_page_write(kept, large, sizeof large), -1); /* 16 MiB waited */
    sio_page_end(kept);
    UNTIL(is_over(&c));
    hang_up(&c);
}

static void
test_it_is_told_of_who_has_gone(void)
{
    client c;

    sio_route_rest(io, keep_page, NULL);
    listen_now(io);
    ask_and_keep(&c, get_11);
    CHECK_INT(sio_page_begin(kept, 200, "", SIO_PAGE_ANY_LENGTH), 0);
    CHECK_INT(sio_page_write(kept, "abc", 3), 0);
    hang_up(&c);
    UNTIL(n_gone == 1);
    CHECK_INT(sio_page_write(kept, "def", 3), -1);
    sio_page_end(kept);

    io->handlers.page_patience_ms = 1; /* nor does anybody wait any more after that */
    ask_and_keep(&c, get_11);
    CHECK_INT(answer_of(&c), 504);
    CHECK_INT(n_gone, 1);
    CHECK_INT(sio_page_begin(kept, 200, "", 1), 0);
    sio_page_end(kept);
    hang_up(&c);

    ask_and_keep(&c, get_11); /* or the server has gone */
    CHECK_INT(sio_page_begin(kept, 200, "", SIO_PAGE_ANY_LENGTH), 0);
    replace_server();
    CHECK_INT(n_gone, 1);
    CHECK_INT(sio_page_write(kept, "def", 3), -1);
    sio_page_end(kept);
    hang_up(&c);
}

int
main(void)
{
    RUN_WITH_SERVER(test_the_rest_is_all_that_is_nobody_elses);
    RUN_WITH_SERVER(test_it_says_all_by_itself);
    RUN_WITH_SERVER(test_an_answer_comes_in_parts);
    RUN_WITH_SERVER(test_a_wrong_beginning_is_500);
    RUN_WITH_SERVER(test_an_answer_of_another_length_is_cut);
    RUN_WITH_SERVER(test_who_does_not_read_makes_it_wait);
    RUN_WITH_SERVER(test_it_is_told_of_who_has_gone);
    return check_done();
}
