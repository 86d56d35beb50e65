/*
 * tests/unit/store/redis_slots_test.c - which slot a key is in, and what nodes say of slots.
 */
#include "protocol/result.h"
#include "store/redis_slots.h"
#include "tests/unit/check.h"

#include <stdio.h>

static sio_redis_slots       slots;
static const sio_redis_place asked = {.host = "asked", .port = 7};

/* What `redis-cli cluster keyslot` says. */
static void
test_slots_are_those_of_redis(void)
{
    static const struct {
        const char *key;
        unsigned    slot;
    } rows[] = {
        {"", 0},
        {"a", 15495},
        {"foo", 12182},
        {"{foo}bar", 12182},
        {"x{foo}{y}", 12182},
        {"123456789", 12739},
        {"{}foo", 9500},
        {"foo{", 7673},
        {"{user1000}.following", 3443},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i].key;
        CHECK_INT(sio_redis_slots_of(sio_view_of(rows[i].key)), rows[i].slot);
    }
}

static void
test_redirections_are_read(void)
{
    static const struct {
        const char *text, *host;
        uint16_t    port;
        int         kind;
    } rows[] = {
        {"MOVED 3999 127.0.0.1:6381", "127.0.0.1", 6381, SIO_REDIS_MOVED},
        {"ASK 0 host:1", "host", 1, SIO_REDIS_ASK},
        {"MOVED 16383 ::1:65535", "::1", 65535, SIO_REDIS_MOVED},
        {"MOVED 1 :6380", "asked", 6380, SIO_REDIS_MOVED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sio_redis_place to = {.port = 0};

        check_row = rows[i].text;
        CHECK_INT(sio_redis_slots_read_redirect(sio_view_of(rows[i].text), &asked, &to),
                  rows[i].kind);
        CHECK_VIEW(sio_view_of(to.host), rows[i].host);
        CHECK_INT(to.port, rows[i].port);
    }
}

static void
test_others_are_none(void)
{
    static const char *const rows[] = {
        "",
        "MOVED",
        "MOVED ",
        "MOVED 1",
        "MOVED 1 ",
        "MOVED 1 a",
        "MOVED 1 a:",
        "MOVED 1 a:0",
        "MOVED 1 a:b",
        "MOVED 1 a:65536",
        "MOVED x a:1",
        "MOVED 16384 a:1",
        "MOVED -1 a:1",
        "MOVED  1 a:1",
        "moved 1 a:1",
        "ASKING",
        "MOVED 1 a b:1",
        "ERR MOVED 1 a:1",
        "MOVED 1 \x80:1",
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sio_redis_place to = {.port = 9};

        check_row = rows[i];
        CHECK_INT(sio_redis_slots_read_redirect(sio_view_of(rows[i]), &asked, &to),
                  SIO_REDIS_NO_REDIRECT);
        CHECK_INT(to.port, 9);
    }
}

static void
test_a_long_host_is_none(void)
{
    char            text[400] = "MOVED 1 ";
    sio_redis_place to;

    memset(text + 8, 'x', SIO_REDIS_MAX_HOST + 1);
    memcpy(text + 8 + SIO_REDIS_MAX_HOST + 1, ":1", 3);
    CHECK_INT(sio_redis_slots_read_redirect(sio_view_of(text), &asked, &to), SIO_REDIS_NO_REDIRECT);
}

/* What hiredis makes of these bytes. */
static redisReply *
reply_of(const char *bytes)
{
    redisReader *reader = redisReaderCreate();
    void        *reply = NULL;

    redisReaderFeed(reader, bytes, strlen(bytes));
    redisReaderGetReply(reader, &reply);
    redisReaderFree(reader);
    return reply;
}

static int
read_slots(const char *bytes)
{
    redisReply *reply = reply_of(bytes);
    const int   rc = sio_redis_slots_read(&slots, reply, &asked);

    freeReplyObject(reply);
    return rc;
}

static void
test_a_map_is_read(void)
{
    CHECK_INT(read_slots("*3\r\n"
                         "*4\r\n:0\r\n:99\r\n*3\r\n$1\r\na\r\n:1\r\n$2\r\nid\r\n"
                         "*3\r\n$1\r\nr\r\n:9\r\n$1\r\nx\r\n"
                         "*3\r\n:100\r\n:100\r\n*2\r\n$0\r\n\r\n:2\r\n"
                         "*3\r\n:200\r\n:16383\r\n*4\r\n$1\r\na\r\n:1\r\n$2\r\nid\r\n*0\r\n"),
              SIO_OK);
    CHECK_INT(slots.n_places, 2);
    CHECK_VIEW(sio_view_of(slots.places[0].host), "a");
    CHECK_INT(slots.places[0].port, 1);
    CHECK_VIEW(sio_view_of(slots.places[1].host), "asked");
    CHECK_INT(slots.places[1].port, 2);
    CHECK_INT(slots.owner[0], 0);
    CHECK_INT(slots.owner[99], 0);
    CHECK_INT(slots.owner[100], 1);
    CHECK_INT(slots.owner[101], SIO_REDIS_NOBODY);
    CHECK_INT(slots.owner[16383], 0);
}

static void
test_what_can_not_be_is_passed_over(void)
{
    CHECK_INT(read_slots("+OK\r\n"), SIO_BAD);
    CHECK_INT(read_slots("*8\r\n"
                         ":1\r\n"
                         "*2\r\n:0\r\n:1\r\n"
                         "*3\r\n:-1\r\n:1\r\n*2\r\n$1\r\na\r\n:1\r\n"
                         "*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n"
                         "*3\r\n:0\r\n:1\r\n*2\r\n$1\r\na\r\n:0\r\n"
                         "*3\r\n:0\r\n:1\r\n*2\r\n:1\r\n:1\r\n"
                         "*3\r\n:0\r\n:1\r\n*1\r\n$1\r\na\r\n"
                         "*3\r\n:9\r\n:1\r\n*2\r\n$1\r\nb\r\n:1\r\n"),
              SIO_OK);
    CHECK_INT(slots.n_places, 1); /* of a range that is empty */
    for (unsigned i = 0; i < SIO_REDIS_N_SLOTS; i++)
        CHECK_INT(slots.owner[i], SIO_REDIS_NOBODY);
}

static void
test_so_many_nodes_and_no_more(void)
{
    sio_redis_place place = {.host = "n"};

    sio_redis_slots_init(&slots);
    for (unsigned i = 0; i < SIO_REDIS_MAX_NODES; i++) {
        place.port = (uint16_t)(i + 1);
        CHECK_INT(sio_redis_slots_add(&slots, &place), i);
    }
    CHECK_INT(sio_redis_slots_add(&slots, &place), SIO_REDIS_MAX_NODES - 1);
    place.port = SIO_REDIS_MAX_NODES + 1;
    CHECK_INT(sio_redis_slots_add(&slots, &place), SIO_REDIS_NOBODY);
    CHECK_INT(slots.n_places, SIO_REDIS_MAX_NODES);
}

int
main(void)
{
    RUN(test_slots_are_those_of_redis);
    RUN(test_redirections_are_read);
    RUN(test_others_are_none);
    RUN(test_a_long_host_is_none);
    RUN(test_a_map_is_read);
    RUN(test_what_can_not_be_is_passed_over);
    RUN(test_so_many_nodes_and_no_more);
    return check_done();
}
