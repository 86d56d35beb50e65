/*
 * tests/unit/test_redis_replies.c - what Redis says, read by the reader of hiredis into one place.
 */
#include "store/redis_replies.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

static sio_redis_replies replies;
static redisReader      *reader;
static void (*current)(void);

static void
with_reader(void)
{
    sio_redis_replies_init(&replies);
    reader = redisReaderCreate();
    sio_redis_replies_use(&replies, reader);
    current();
    redisReaderFree(reader);
    sio_redis_replies_fini(&replies);
}

static void
feed(const char *bytes, size_t n)
{
    CHECK_INT(redisReaderFeed(reader, bytes, n), REDIS_OK);
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
    feed(text, strlen(text));
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
    r = reply_to("*3\r\n$9\r\nsubscribe\r\n$-1\r\n:-2\r\n");
    check_text(r->element[0], "subscribe");
    CHECK_INT(r->element[1]->type, REDIS_REPLY_NIL);
    CHECK_INT(r->element[2]->type, REDIS_REPLY_INTEGER);
    CHECK_INT(r->element[2]->integer, -2);
    CHECK_INT(reply_to("$-1\r\n")->type, REDIS_REPLY_NIL);
    CHECK_INT(reply_to("*-1\r\n")->type, REDIS_REPLY_NIL);
    CHECK_INT(reply_to("*0\r\n")->elements, 0);
}

static void
test_bytes_may_come_one_by_one(void)
{
    static const char bytes[] = "*2\r\n$3\r\na\0b\r\n:7\r\n*1\r\n$1\r\nc\r\n";
    unsigned          n = 0;

    for (size_t i = 0; i + 1 < sizeof bytes; i++) {
        const redisReply *r;

        feed(bytes + i, 1);
        if ((r = next()) == NULL)
            continue;
        if (++n == 1) {
            CHECK_INT(r->element[0]->len, 3);
            CHECK(memcmp(r->element[0]->str, "a\0b", 4) == 0);
            CHECK_INT(r->element[1]->integer, 7);
        } else {
            CHECK_INT(r->elements, 1);
            check_text(r->element[0], "c");
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

static void
test_what_has_no_place_is_an_error(void)
{
    static const char *const rows[] = {"*5\r\n", "*1\r\n*1\r\n:1\r\n", "*1\r\n*0\r\n",
                                       "*2147483647\r\n"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *reply = NULL;

        check_row = rows[i];
        redisReaderFree(reader);
        reader = redisReaderCreate();
        sio_redis_replies_use(&replies, reader);
        feed(rows[i], strlen(rows[i]));
        CHECK_INT(redisReaderGetReply(reader, &reply), REDIS_ERR);
        CHECK(reply == NULL);
    }
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
    RUN_WITH_READER(test_bytes_may_come_one_by_one);
    RUN_WITH_READER(test_memory_is_used_again);
    RUN_WITH_READER(test_what_has_no_place_is_an_error);
    return check_done();
}
