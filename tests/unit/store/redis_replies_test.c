/*
 * tests/unit/store/redis_replies_test.c - what Redis says, read by the reader of hiredis: what is
 * heard is built in one place, what no Redis says is refused.
 */
#include "store/redis_replies.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

static sio_redis_replies replies;
static redisAsyncContext connection; /* as far as replies.h looks at one */
static redisReader      *reader;
static void (*current)(void);

/* A connection that has subscribed, or one on which a command waits for its reply. */
static void
connect(sio_redis_replies_form form)
{
    static redisCallback waits;

    sio_redis_replies_init(&replies);
    reader = redisReaderCreate();
    memset(&connection, 0, sizeof connection);
    connection.c.reader = reader;
    if (form == SIO_REDIS_REPLIES_HEARD)
        connection.c.flags = REDIS_SUBSCRIBED;
    else
        connection.replies.head = &waits;
    sio_redis_replies_use(&replies, &connection, form);
}

static void
disconnect(void)
{
    redisReaderFree(reader);
    sio_redis_replies_fini(&replies);
}

static void
with_reader(void)
{
    connect(SIO_REDIS_REPLIES_HEARD);
    current();
    disconnect();
}

static void
feed(const char *bytes, size_t n)
{
    CHECK_INT(redisReaderFeed(reader, bytes, n), REDIS_OK);
}

static void
feed_text(const char *text)
{
    feed(text, strlen(text));
}

/* The next reply; NULL when it is not complete. */
static const redisReply *
next(void)
{
    void *reply = NULL;

    CHECK_INT(redisReaderGetReply(reader, &reply), REDIS_OK);
    return reply;
}

static const redisReply *
reply_to(const char *text)
{
    feed_text(text);
    return next();
}

static void
check_text(const redisReply *reply, const char *want)
{
    CHECK_INT(reply->type, REDIS_REPLY_STRING);
    CHECK_VIEW(((sio_view){reply->str, reply->len}), want);
    CHECK_INT(reply->str[reply->len], '\0');
}

static void
test_messages(void)
{
    const redisReply *r = reply_to("*3\r\n$7\r\nmessage\r\n$4\r\ncast\r\n$5\r\nh\r\nlo\r\n");

    CHECK_INT(r->type, REDIS_REPLY_ARRAY);
    if (CHECK_INT(r->elements, 3)) {
        check_text(r->element[0], "message");
        check_text(r->element[1], "cast");
        check_text(r->element[2], "h\r\nlo");
    }
    r = reply_to("*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$0\r\n\r\n");
    if (CHECK_INT(r->elements, 4)) {
        check_text(r->element[0], "pmessage");
        check_text(r->element[1], "*");
        check_text(r->element[2], "a");
        check_text(r->element[3], "");
    }
}

static void
test_other_replies(void)
{
    const redisReply *r = reply_to("+PONG\r\n");

    CHECK_INT(r->type, REDIS_REPLY_STATUS);
    CHECK_VIEW(sio_view_of(r->str), "PONG");
    r = reply_to("-NOAUTH no\r\n");
    CHECK_INT(r->type, REDIS_REPLY_ERROR);
    CHECK_VIEW(sio_view_of(r->str), "NOAUTH no");
    r = reply_to("*4\r\n$8\r\npmessage\r\n$0\r\n\r\n:-2\r\n$-1\r\n");
    CHECK_INT(r->element[2]->type, REDIS_REPLY_INTEGER);
    CHECK_INT(r->element[2]->integer, -2);
    CHECK_INT(r->element[3]->type, REDIS_REPLY_NIL);
    CHECK_INT(reply_to("$-1\r\n")->type, REDIS_REPLY_NIL);
    CHECK_INT(reply_to("*-1\r\n")->type, REDIS_REPLY_NIL);
    CHECK_INT(reply_to(":7\r\n")->integer, 7);
}

/* A sentinel is asked for a place before it is listened to. */
static void
test_texts_that_were_asked_for(void)
{
    static redisCallback waits;
    const redisReply    *r;

    connection.c.flags = 0;
    connection.replies.head = &waits;
    r = reply_to("*2\r\n$9\r\n127.0.0.1\r\n$4\r\n6379\r\n");
    if (CHECK_INT(r->elements, 2)) {
        check_text(r->element[0], "127.0.0.1");
        check_text(r->element[1], "6379");
    }
    CHECK_INT(reply_to("*-1\r\n")->type, REDIS_REPLY_NIL);
}

/* Under names that hiredis does not know; the first letter stays. */
static void
test_confirmations(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n", "subscribed"},
        {"*3\r\n$10\r\npsubscribe\r\n$1\r\na\r\n:1\r\n", "psubscribed"},
        {"*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n", "unsubscribed"},
        {"*3\r\n$12\r\npunsubscribe\r\n$1\r\na\r\n:1\r\n", "punsubscribed"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const redisReply *r = reply_to(rows[i].text);

        check_row = rows[i].want;
        check_text(r->element[0], rows[i].want);
        check_text(r->element[1], "a");
        CHECK_INT(r->element[2]->integer, 1);
    }
}

static void
test_bytes_may_come_one_by_one(void)
{
    static const char bytes[] = "*3\r\n$7\r\nmessage\r\n$3\r\na\0b\r\n:7\r\n$1\r\nc\r\n";
    unsigned          n = 0;

    for (size_t i = 0; i + 1 < sizeof bytes; i++) {
        const redisReply *r;

        feed(bytes + i, 1);
        if ((r = next()) == NULL)
            continue;
        if (++n == 1) {
            CHECK_INT(r->element[1]->len, 3);
            CHECK(memcmp(r->element[1]->str, "a\0b", 4) == 0);
            CHECK_INT(r->element[2]->integer, 7);
        } else {
            check_text(r, "c");
        }
    }
    CHECK_INT(n, 2);
}

/* The next text is written to the memory of the last one, unless that was long. */
static void
test_memory_is_used_again(void)
{
    enum { LONG = 200000 };
    const sio_buf *text = &replies.texts[0];
    char          *bytes = calloc(1, LONG + 2);
    const char    *place;

    check_text(reply_to("$5\r\nhello\r\n"), "hello");
    place = text->data;
    check_text(reply_to("$2\r\nyo\r\n"), "yo");
    CHECK(text->data == place);
    feed("$200000\r\n", strlen("$200000\r\n"));
    memcpy(bytes + LONG, "\r\n", 2);
    feed(bytes, LONG + 2);
    CHECK_INT(next()->len, LONG);
    CHECK(text->cap > LONG);
    check_text(reply_to("$2\r\nyo\r\n"), "yo");
    CHECK(text->cap < 100);
    free(bytes);
}

/* Each is for hiredis as if memory had run out: it closes the connection. */
static void
check_refused(sio_redis_replies_form form, const char *text)
{
    void *reply = NULL;

    check_row = text;
    disconnect();
    connect(form);
    feed_text(text);
    CHECK(sio_redis_replies_fault(&replies) == NULL);
    CHECK_INT(redisReaderGetReply(reader, &reply), REDIS_ERR);
    CHECK(reply == NULL);
}

static void
test_what_is_not_heard_from_redis_is_refused(void)
{
    static const char *const rows[] = {
        "*5\r\n",
        "*2\r\n",
        "*0\r\n",
        "*2147483647\r\n",
        "*3\r\n*3\r\n",
        "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n*0\r\n",
        "*3\r\n:1\r\n",
        "*3\r\n$-1\r\n",
        "*3\r\n+message\r\n",
        "*3\r\n$7\r\nmessage\r\n$-1\r\n",
        "*3\r\n$7\r\nmessage\r\n:1\r\n",
        "*3\r\n$7\r\nMESSAGE\r\n",
        "*3\r\n$8\r\nsmessage\r\n",
        "*3\r\n$0\r\n\r\n",
        ">3\r\n$7\r\nmessage\r\n",
        "%1\r\n",
        "~1\r\n",
        ",1.5\r\n",
        "#t\r\n",
        "(1\r\n",
        "=5\r\ntxt:a\r\n",
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_refused(SIO_REDIS_REPLIES_HEARD, rows[i]);
}

static void
test_what_does_not_answer_a_command_is_refused(void)
{
    static const char *const rows[] = {
        "*2147483647\r\n", "*1048577\r\n", "*1\r\n*0\r\n",   "*2\r\n:1\r\n*1\r\n:1\r\n",
        ">1\r\n:1\r\n",    "%1\r\n",       "~1\r\n",         ",1.5\r\n",
        "#t\r\n",          "(1\r\n",       "*1\r\n,1.5\r\n",
    };
    void *reply = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_refused(SIO_REDIS_REPLIES_FLAT, rows[i]);
    check_row = "*3";
    disconnect();
    connect(SIO_REDIS_REPLIES_FLAT);
    feed_text("*3\r\n$1\r\na\r\n:1\r\n$-1\r\n");
    CHECK_INT(redisReaderGetReply(reader, &reply), REDIS_OK);
    CHECK_INT(((redisReply *)reply)->elements, 3);
    freeReplyObject(reply);
}

/* Streams are arrays in arrays, which have the same bounds in all. */
static void
test_what_is_no_stream_is_refused(void)
{
    static const char *const rows[] = {"*1048577\r\n", "*1\r\n*1048576\r\n",
                                       "*1\r\n*1\r\n*1048575\r\n", "*1\r\n%1\r\n", "*1\r\n>1\r\n"};
    void                    *reply = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_refused(SIO_REDIS_REPLIES_NESTED, rows[i]);
    check_row = "*1 *2";
    disconnect();
    connect(SIO_REDIS_REPLIES_NESTED);
    feed_text("*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    CHECK_INT(redisReaderGetReply(reader, &reply), REDIS_OK);
    CHECK_INT(((redisReply *)reply)->element[0]->element[1]->element[0]->elements, 2);
    freeReplyObject(reply);
}

/* But an error may: that Redis has no room for one more connection. */
static void
test_what_nobody_waits_for_is_refused(void)
{
    static const char *const rows[] = {"+OK\r\n", ":1\r\n", "$1\r\na\r\n", "$-1\r\n", "*0\r\n"};
    void                    *reply = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i];
        disconnect();
        connect(SIO_REDIS_REPLIES_FLAT);
        connection.replies.head = NULL;
        feed_text(rows[i]);
        CHECK_INT(redisReaderGetReply(reader, &reply), REDIS_ERR);
        CHECK(sio_redis_replies_fault(&replies) != NULL);
    }
    disconnect();
    connect(SIO_REDIS_REPLIES_FLAT);
    connection.replies.head = NULL;
    feed_text("-ERR full\r\n");
    CHECK_INT(redisReaderGetReply(reader, &reply), REDIS_OK);
    CHECK_INT(((redisReply *)reply)->type, REDIS_REPLY_ERROR);
    freeReplyObject(reply);
}

/* Of one reply, however many texts it has, and whether they have come or not. */
static void
test_texts_are_bounded(void)
{
    enum { LONG = SIO_REDIS_MAX_REPLY_BYTES / 4 };
    char *bytes = calloc(1, LONG);
    void *reply = NULL;

    disconnect();
    connect(SIO_REDIS_REPLIES_FLAT);
    feed_text("*5\r\n");
    for (int i = 0; i < 4; i++) {
        feed_text("$16777216\r\n");
        feed(bytes, LONG);
        feed_text("\r\n");
        CHECK_INT(redisReaderGetReply(reader, &reply), REDIS_OK);
    }
    CHECK(sio_redis_replies_fault(&replies) == NULL);
    feed_text("$1\r\na\r\n");
    CHECK_INT(redisReaderGetReply(reader, &reply), REDIS_ERR);
    CHECK(sio_redis_replies_fault(&replies) != NULL);
    disconnect();
    connect(SIO_REDIS_REPLIES_FLAT);
    feed_text("$536870912\r\n");
    for (int i = 0; i < 4; i++) {
        CHECK(!sio_redis_replies_is_too_large(&connection));
        feed(bytes, LONG);
    }
    CHECK(sio_redis_replies_is_too_large(&connection));
    free(bytes);
}

static void
run(const char *name, void (*test)(void))
{
    current = test;
    check_run(name, with_reader);
}

#define RUN_WITH_READER(test) run(#test, test)

int
main(void)
{
    RUN_WITH_READER(test_messages);
    RUN_WITH_READER(test_other_replies);
    RUN_WITH_READER(test_texts_that_were_asked_for);
    RUN_WITH_READER(test_confirmations);
    RUN_WITH_READER(test_bytes_may_come_one_by_one);
    RUN_WITH_READER(test_memory_is_used_again);
    RUN_WITH_READER(test_what_is_not_heard_from_redis_is_refused);
    RUN_WITH_READER(test_what_does_not_answer_a_command_is_refused);
    RUN_WITH_READER(test_what_is_no_stream_is_refused);
    RUN_WITH_READER(test_what_nobody_waits_for_is_refused);
    RUN_WITH_READER(test_texts_are_bounded);
    return check_done();
}
