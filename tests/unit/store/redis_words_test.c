/*
 * tests/unit/store/redis_words_test.c - commands of any kind, and channels, with a real
 * redis-server.
 */
#include "store/redis_words.h"

#include <signal.h>

#include "protocol/buf.h"
#include "store/store.h"
#include "tests/unit/check.h"
#include "tests/unit/store/redis_server.h"

enum { SOON_MS = 30000 };

static struct event_base *base;
static redis_server       redis;
static sio_redis_words   *asks, *listens;
static unsigned           n_up, n_down, n_answers;
static sio_buf            heard; /* the last answer, or what was heard, as a text */

/* --- What is told. --- */

static void /* NOLINTNEXTLINE(misc-no-recursion) */
write_answer(const sio_redis_answer *a)
{
    static const char marks[] = {
        [SIO_REDIS_TEXT] = '"', [SIO_REDIS_STATUS] = '+', [SIO_REDIS_ERROR] = '-'};

    switch (sio_redis_answer_kind(a)) {
    case SIO_REDIS_NIL:
        sio_buf_add_str(&heard, "nil");
        break;
    case SIO_REDIS_TEXT:
    case SIO_REDIS_STATUS:
    case SIO_REDIS_ERROR:
        sio_buf_add_char(&heard, marks[sio_redis_answer_kind(a)]);
        sio_buf_add_view(&heard, sio_redis_answer_text(a));
        break;
    case SIO_REDIS_INTEGER:
        sio_buf_add_u64(&heard, (uint64_t)sio_redis_answer_integer(a));
        break;
    case SIO_REDIS_LIST:
        sio_buf_add_char(&heard, '[');
        for (size_t i = 0; i < sio_redis_answer_count(a); i++) {
            sio_buf_add_str(&heard, i > 0 ? " " : "");
            write_answer(sio_redis_answer_item(a, i));
        }
        sio_buf_add_char(&heard, ']');
    }
}

static void
on_answer(const sio_redis_answer *a, void *arg)
{
    CHECK(arg == &n_answers);
    n_answers++;
    sio_buf_clear(&heard);
    if (a != NULL)
        write_answer(a);
    else
        sio_buf_add_str(&heard, "lost");
}

static void
on_heard(void *arg, const sio_redis_answer *what)
{
    (void)arg;
    n_answers++;
    sio_buf_clear(&heard);
    write_answer(what);
}

static void
on_up(void *arg)
{
    (void)arg;
    n_up++;
}

static void
on_down(void *arg, const char *reason)
{
    (void)arg;
    CHECK(reason[0] != '\0');
    n_down++;
}

/* --- To turn the loop. --- */

static bool
reaches(const unsigned *counter, unsigned value)
{
    const uint64_t until_ms = sio_now_ms() + SOON_MS;

    while (*counter < value && sio_now_ms() < until_ms)
        event_base_loop(base, EVLOOP_ONCE);
    return *counter >= value;
}

static sio_redis_words *
connection(bool is_listener)
{
    sio_redis_url       url = {.at = {.host = "127.0.0.1", .port = (uint16_t)redis.port}};
    sio_redis_words_cfg cfg = {.base = base,
                               .url = &url,
                               .listens = is_listener,
                               .up = on_up,
                               .down = on_down,
                               .heard = on_heard};
    sio_redis_words    *w = NULL;
    const unsigned      n = n_up;

    CHECK_INT(sio_redis_words_new(&w, &cfg), SIO_OK);
    CHECK(reaches(&n_up, n + 1));
    return w;
}

/* Words with spaces between them; the result is that of sending. */
static int
say(sio_redis_words *w, const char *text)
{
    sio_view words[8];
    size_t   n = 0;

    for (const char *at = text; *at != '\0' && n < 8; n++) {
        words[n] = (sio_view){at, strcspn(at, " ")};
        at += words[n].len + (at[words[n].len] == ' ');
    }
    return sio_redis_words_send(w, words, n, on_answer, &n_answers);
}

static sio_view
answer_to(const char *text)
{
    const unsigned n = n_answers;

    check_row = text;
    CHECK_INT(say(asks, text), SIO_OK);
    CHECK(reaches(&n_answers, n + 1));
    return sio_buf_view(&heard);
}

/* --- Tests. --- */

static void
test_answers_of_each_kind(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"PING", "+PONG"},
        {"SET k v", "+OK"},
        {"GET k", "\"v"},
        {"GET none", "nil"},
        {"INCR n", "1"},
        {"INCR k", NULL},
        {"RPUSH l a b", "2"},
        {"LRANGE l 0 -1", "[\"a \"b]"},
        {"LRANGE none 0 -1", "[]"},
        {"MGET k none", "[\"v nil]"},
        {"NOSUCH", NULL},
        {"MULTI", "+OK"},
        {"GET k", "+QUEUED"},
        {"LRANGE l 0 0", "+QUEUED"},
        {"EXEC", "[\"v [\"a]]"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const sio_view got = answer_to(rows[i].text);

        if (rows[i].want != NULL)
            CHECK_VIEW(got, rows[i].want);
        else
            CHECK(got.len > 1 && got.data[0] == '-');
    }
}

static void
test_bytes_are_as_they_came(void)
{
    const sio_view set[] = {SIO_VIEW("SET"), SIO_VIEW("b"), {"\0\r\n\xff", 4}};
    const unsigned n = n_answers;

    CHECK_INT(sio_redis_words_send(asks, set, 3, on_answer, &n_answers), SIO_OK);
    CHECK(reaches(&n_answers, n + 1));
    CHECK_INT(answer_to("GET b").len, 5);
    CHECK_INT(memcmp(heard.data, "\"\0\r\n\xff", 5), 0);
}

static void
test_what_a_connection_can_not_be_asked(void)
{
    static const char *const asked[] = {
        "",      "SUBSCRIBE c", "subscribe c", "PUNSUBSCRIBE c",   "MONITOR",          "HELLO 3",
        "Reset", "QUIT",        "SYNC",        "CLIENT REPLY OFF", "client reply skip"};
    static const char *const heard_by[] = {"", "PING", "GET k", "UNSUBSCRIBE", "MONITOR"};

    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        CHECK_INT(say(asks, asked[i]), SIO_BAD);
    for (size_t i = 0; i < sizeof heard_by / sizeof *heard_by; i++)
        CHECK_INT(say(listens, heard_by[i]), SIO_BAD);
    CHECK_VIEW(answer_to("PING"), "+PONG");
}

static void
expect(const char *want)
{
    static unsigned n;

    n = n > n_answers ? n : n_answers;
    check_row = want;
    while (!sio_view_eq(sio_buf_view(&heard), sio_view_of(want)) && reaches(&n_answers, n + 1))
        n = n_answers;
    CHECK_VIEW(sio_buf_view(&heard), want);
}

static void
test_channels(void)
{
    CHECK_INT(say(listens, "SUBSCRIBE c"), SIO_OK);
    expect("[\"subscribed \"c 1]");
    CHECK_INT(say(listens, "PSUBSCRIBE p.*"), SIO_OK);
    expect("[\"psubscribed \"p.* 2]");
    CHECK_INT(redis_server_command(&redis, "PUBLISH c hello"), 1);
    expect("[\"message \"c \"hello]");
    CHECK_INT(redis_server_command(&redis, "PUBLISH p.1 hi"), 1);
    expect("[\"pmessage \"p.* \"p.1 \"hi]");
    CHECK_INT(say(listens, "UNSUBSCRIBE c"), SIO_OK);
    expect("[\"unsubscribed \"c 1]");
    CHECK_INT(redis_server_command(&redis, "PUBLISH c nobody"), 0);
}

static void
test_what_is_awaited_is_told_that_it_is_lost(void)
{
    const unsigned n = n_answers, down = n_down, up = n_up;

    CHECK_INT(say(asks, "BLPOP never 0"), SIO_OK);
    CHECK_INT(say(asks, "GET k"), SIO_OK);
    CHECK_VIEW(sio_view_of(redis_server_command(&redis, "CLIENT KILL TYPE normal SKIPME yes") < 0
                               ? "failed"
                               : ""),
               "");
    CHECK(reaches(&n_answers, n + 2));
    CHECK_VIEW(sio_buf_view(&heard), "lost");
    CHECK(reaches(&n_down, down + 1));
    CHECK_INT(say(asks, "GET k"), SIO_ERR_UNAVAILABLE);
    CHECK(reaches(&n_up, up + 1));
    CHECK_VIEW(answer_to("GET k"), "\"v");
}

static void
test_the_end_gives_up_what_is_awaited(void)
{
    const unsigned   n = n_answers;
    sio_redis_words *w = connection(false);

    CHECK_INT(say(w, "BLPOP never 0"), SIO_OK);
    sio_redis_words_free(w);
    CHECK_INT(n_answers, n + 1);
    CHECK_VIEW(sio_buf_view(&heard), "lost");
    sio_redis_words_free(NULL);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    base = event_base_new();
    sio_buf_init(&heard, SIZE_MAX);
    redis_server_init(&redis);
    redis_server_start(&redis, NULL);
    asks = connection(false);
    listens = connection(true);
    RUN(test_answers_of_each_kind);
    RUN(test_bytes_are_as_they_came);
    RUN(test_what_a_connection_can_not_be_asked);
    RUN(test_channels);
    RUN(test_what_is_awaited_is_told_that_it_is_lost);
    RUN(test_the_end_gives_up_what_is_awaited);
    sio_redis_words_free(asks);
    sio_redis_words_free(listens);
    redis_server_fini(&redis);
    sio_buf_fini(&heard);
    event_base_free(base);
    return check_done();
}
