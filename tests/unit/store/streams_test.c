/*
 * tests/unit/store/streams_test.c - store/streams.h and store/lease.h, with a real Redis.
 */
#include "tests/unit/store/store_fixture.h"

#include <signal.h>

#include "store/lease.h"
#include "store/streams.h"

/* ---- what was told ---- */

typedef struct {
    unsigned        n_calls;
    int             rc;
    sio_stream_size size;
    char            groups[100]; /* "one:1000 two:500 " */
} told;

static void
on_told(void *arg, int rc)
{
    told *t = arg;

    t->n_calls++;
    t->rc = rc;
}

static void
on_size(void *arg, int rc, const sio_stream_size *size)
{
    told *t = arg;

    on_told(arg, rc);
    t->size = *size;
    t->groups[0] = '\0';
    for (size_t i = 0; i < size->n_groups; i++)
        snprintf(t->groups + strlen(t->groups), sizeof t->groups - strlen(t->groups), "%.*s:%u ",
                 (int)size->groups[i].name.len, size->groups[i].name.data,
                 (unsigned)size->groups[i].n_unread);
}

static int
add_for(sio_store *store, const char *stream, sio_view value, size_t max_entries)
{
    const sio_stream_field fields[] = {{SIO_VIEW("v"), SIO_VIEW("1")}, {SIO_VIEW("json"), value}};
    const sio_stream_life  life = {.max_entries = max_entries};
    told                   t = {.n_calls = 0};

    sio_store_stream_add(store, sio_view_of(stream), fields, 2, &life, on_told, &t);
    UNTIL(t.n_calls == 1);
    return t.rc;
}

static int
add(sio_store *store, const char *stream, const char *value)
{
    return add_for(store, stream, sio_view_of(value), 0);
}

static told
trim_and_tell(sio_store *store, const char *stream, size_t max_alone)
{
    told t = {.n_calls = 0};

    sio_store_stream_trim(store, sio_view_of(stream), max_alone, on_size, &t);
    UNTIL(t.n_calls == 1);
    CHECK_INT(t.rc, SIO_OK);
    return t;
}

static sio_stream_size
trim(sio_store *store, const char *stream, size_t max_alone)
{
    return trim_and_tell(store, stream, max_alone).size;
}

/* Run a command on the stream of this test, which stands between its two parts. */
static long long
redis(const char *before, const char *stream, const char *after)
{
    char command[256];

    snprintf(command, sizeof command, "%s test%u:%s %s", before, n_tests, stream, after);
    return redis_server_command(&server, command);
}

/* ---- a reader that remembers ---- */

enum { MAX_HEARD = 1000 };

typedef struct {
    sio_store         *store;
    sio_stream_reader *reader;
    bool               acknowledges, goes_on;
    unsigned           n, n_reads, n_too_large;
    char               id[MAX_HEARD][SIO_STREAM_MAX_ID + 1];
    char               json[MAX_HEARD][24];
    size_t             n_fields[MAX_HEARD];
} listener;

static void
acknowledge(listener *l, sio_view id, told *t)
{
    sio_store_stream_acknowledge(l->store, SIO_VIEW("s"), SIO_VIEW("g"), &id, 1, on_told, t);
}

static void
on_entry(void *arg, sio_view id, const sio_stream_field *fields, size_t n, bool is_too_large)
{
    static told nowhere;
    listener   *l = arg;

    if (l->n < MAX_HEARD) {
        snprintf(l->id[l->n], sizeof l->id[0], "%.*s", (int)id.len, id.data);
        l->n_fields[l->n] = n;
        if (n > 1)
            snprintf(l->json[l->n], sizeof l->json[0], "%.*s", (int)fields[1].value.len,
                     fields[1].value.data);
    }
    l->n++;
    l->n_too_large += is_too_large;
    if (l->acknowledges)
        acknowledge(l, id, &nowhere);
}

static void
on_read(void *arg)
{
    listener *l = arg;

    l->n_reads++;
    if (l->goes_on)
        sio_stream_reader_next(l->reader);
}

static void
begin_reading(listener *l, sio_store *store)
{
    const sio_stream_reader_cfg cfg = {.stream = SIO_VIEW("s"),
                                       .group = SIO_VIEW("g"),
                                       .consumer = SIO_VIEW("c"),
                                       .entry = on_entry,
                                       .read = on_read,
                                       .arg = l};

    l->store = store;
    CHECK_INT(sio_store_stream_reader_new(&l->reader, store, &cfg), SIO_OK);
    sio_stream_reader_next(l->reader);
}

/* ---- tests ---- */

static void
test_memory_has_none(void)
{
    const sio_stream_field      field = {SIO_VIEW("v"), SIO_VIEW("1")};
    const sio_stream_life       life = {.max_entries = 0};
    const sio_stream_reader_cfg cfg = {.stream = SIO_VIEW("s")};
    sio_store                  *s = new_memory_store(NULL);
    sio_stream_reader          *reader;
    told                        t = {.n_calls = 0};

    CHECK(sio_store_stream_add(s, SIO_VIEW("s"), &field, 1, &life, on_told, &t) == NULL);
    CHECK_INT(t.rc, SIO_ERR_UNAVAILABLE);
    CHECK(sio_store_stream_trim(s, SIO_VIEW("s"), 0, on_size, &t) == NULL);
    CHECK_INT(t.rc, SIO_ERR_UNAVAILABLE);
    CHECK(sio_store_lease_hold(s, SIO_VIEW("l"), SIO_VIEW("me"), 1, on_told, &t) == NULL);
    CHECK_INT(t.rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT((int)t.n_calls, 3);
    CHECK_INT(sio_store_stream_reader_new(&reader, s, &cfg), SIO_ERR_UNAVAILABLE);
    sio_store_lease_release(s, SIO_VIEW("l"), SIO_VIEW("me"));
    sio_store_free(s);
}

static void
test_what_is_read_everywhere_is_trimmed(void)
{
    sio_store *s = new_redis_store(NULL);

    CHECK_INT((int)trim(s, "s", 10).n_entries, 0);
    for (unsigned i = 0; i < 1000; i++)
        CHECK_INT(add(s, "s", "x"), SIO_OK);
    CHECK(redis("XGROUP CREATE", "s", "one 0") >= 0);
    CHECK(redis("XGROUP CREATE", "s", "two 0") >= 0);
    CHECK_INT((int)trim(s, "s", 10).n_entries, 1000);
    CHECK(trim(s, "s", 10).n_bytes > 1000);
    CHECK_INT((int)trim(s, "s", 10).n_unread, 1000);
    CHECK(redis("XREADGROUP GROUP one c COUNT 1000 NOACK STREAMS", "s", ">") >= 0);
    CHECK_INT((int)trim(s, "s", 10).n_entries, 1000); /* the other group has read nothing */
    CHECK(redis("XREADGROUP GROUP two c COUNT 500 STREAMS", "s", ">") >= 0);
    CHECK_INT((int)trim(s, "s", 10).n_entries, 1000); /* nor acknowledged what it has read */
    CHECK_INT((int)trim(s, "s", 10).n_unread, 500);
    CHECK(redis("XGROUP SETID", "s", "two $") >= 0);
    CHECK_INT((int)trim(s, "s", 10).n_entries, 1000);
    CHECK(redis("XGROUP DELCONSUMER", "s", "two c") == 500);
    CHECK(trim(s, "s", 10).n_entries <= 100); /* to the bounds of nodes */
    sio_store_free(s);
}

static void
test_each_group_has_its_own(void)
{
    sio_store *s = new_redis_store(NULL);
    char       after[20];

    CHECK_INT(add(s, "s", "x"), SIO_OK);
    CHECK_VIEW(sio_view_of(trim_and_tell(s, "s", 10).groups), "");
    CHECK(redis("XGROUP CREATE", "s", "one 0") >= 0);
    CHECK(redis("XGROUP CREATE", "s", "two 0") >= 0);
    CHECK(redis("XREADGROUP GROUP two c STREAMS", "s", ">") >= 0);
    CHECK_VIEW(sio_view_of(trim_and_tell(s, "s", 10).groups), "one:1 two:0 ");
    for (unsigned i = 0; i < SIO_STREAM_MAX_GROUPS; i++) {
        snprintf(after, sizeof after, "g%u 0", i);
        CHECK(redis("XGROUP CREATE", "s", after) >= 0);
    }
    CHECK_INT((int)trim(s, "s", 10).n_groups, SIO_STREAM_MAX_GROUPS);
    sio_store_free(s);
}

static void
test_without_a_group_the_last_ones_stay(void)
{
    sio_store      *s = new_redis_store(NULL);
    sio_stream_size size;

    for (unsigned i = 0; i < 1000; i++)
        CHECK_INT(add(s, "s", "x"), SIO_OK);
    size = trim(s, "s", 200);
    CHECK(size.n_entries >= 200 && size.n_entries < 400);
    for (unsigned i = 0; i < 1000; i++)
        CHECK_INT(add_for(s, "short", SIO_VIEW("x"), 100), SIO_OK);
    CHECK(redis("XLEN", "short", "") < 300);
    sio_store_free(s);
}

static void
test_reading_in_order_and_again(void)
{
    static listener l, again;
    sio_store      *s = new_redis_store(NULL);
    told            t = {.n_calls = 0};

    l = (listener){.goes_on = true};
    again = (listener){.acknowledges = true};
    begin_reading(&l, s);
    for (unsigned i = 0; i < 250; i++) {
        char text[8];

        snprintf(text, sizeof text, "%u", i);
        CHECK_INT(add(s, "s", text), SIO_OK);
    }
    UNTIL(l.n >= 250);
    for (unsigned i = 0; i < 250; i++)
        CHECK_INT(atoi(l.json[i]), (int)i);
    acknowledge(&l, sio_view_of(l.id[0]), &t);
    UNTIL(t.n_calls == 1);
    CHECK_INT(t.rc, SIO_OK);
    sio_stream_reader_free(l.reader);
    begin_reading(&again, s); /* all but the first; and one read at a time */
    UNTIL(again.n_reads == 1);
    CHECK_INT((int)again.n, SIO_STREAM_READ_COUNT);
    CHECK_INT(atoi(again.json[0]), 1);
    again.goes_on = true;
    sio_stream_reader_next(again.reader);
    UNTIL(again.n >= 249);
    CHECK_INT(atoi(again.json[248]), 249);
    CHECK_INT(add(s, "s", "new"), SIO_OK);
    UNTIL(again.n == 250);
    UNTIL(trim(s, "s", 0).n_entries <= 100);
    sio_stream_reader_free(again.reader);
    sio_store_free(s);
}

/* What another reader with this name was given, and never said, comes to light. */
static void
test_what_another_one_was_given(void)
{
    static listener l;
    sio_store      *s = new_redis_store(NULL);

    l = (listener){.acknowledges = true, .goes_on = true};
    begin_reading(&l, s);
    CHECK_INT(add(s, "s", "first"), SIO_OK);
    UNTIL(l.n == 1);
    for (unsigned i = 0; i < 50; i++) {
        CHECK_INT(add(s, "s", "x"), SIO_OK);
        (void)redis("XREADGROUP GROUP g c STREAMS", "s", ">");
    }
    UNTIL_MS(l.n >= 51, 30000);
    CHECK_INT((int)l.n, 51);
    sio_stream_reader_free(l.reader);
    sio_store_free(s);
}

static void
test_deleted_entries_and_streams(void)
{
    static listener l, again;
    sio_store      *s = new_redis_store(NULL);

    l = (listener){.goes_on = true};
    again = (listener){.goes_on = true, .acknowledges = true};
    begin_reading(&l, s);
    CHECK_INT(add(s, "s", "gone"), SIO_OK);
    UNTIL(l.n == 1);
    sio_stream_reader_free(l.reader);
    CHECK_INT((int)redis("XDEL", "s", l.id[0]), 1);
    begin_reading(&again, s);
    UNTIL(again.n == 1);
    CHECK_INT((int)again.n_fields[0], 0);
    CHECK_INT((int)again.n_too_large, 0);
    CHECK_INT((int)redis("DEL", "s", ""), 1); /* with its group, which is made again */
    CHECK_INT(add(s, "s", "new"), SIO_OK);
    UNTIL(again.n == 2);
    CHECK_VIEW(sio_view_of(again.json[1]), "new");
    sio_stream_reader_free(again.reader);
    sio_store_free(s);
}

static void
test_what_is_no_stream(void)
{
    static listener l;
    sio_store      *s = new_redis_store(NULL);

    l = (listener){.goes_on = true, .acknowledges = true};
    logged = (lines){.n_lines = {0}};
    CHECK(redis("SET", "s", "text") >= 0);
    CHECK_INT(add(s, "s", "x"), SIO_ERR_UNAVAILABLE);
    begin_reading(&l, s);
    UNTIL(strstr(logged.last[SIO_STORE_WARN], "does not let us read a stream") != NULL);
    CHECK_INT((int)redis("DEL", "s", ""), 1);
    CHECK_INT(add(s, "s", "x"), SIO_OK);
    UNTIL(l.n == 1);
    sio_stream_reader_free(l.reader);
    sio_store_free(s);
}

/*
 * One that no reply has room for does not stand in the way of the others. Redis makes it itself: a
 * machine that is busy takes seconds to carry 70 MiB, and then the store gives the connection up.
 */
static void
test_an_entry_that_can_not_be_read(void)
{
    static listener l;
    sio_store      *s = new_redis_store(NULL);

    l = (listener){.acknowledges = true, .goes_on = true};
    for (unsigned i = 0; i < 20; i++) {
        CHECK_INT(add(s, "s", "small"), SIO_OK);
        if (i == 10)
            CHECK_INT(redis("EVAL return(redis.call('XADD',KEYS[1],'*','v','1','json',"
                            "('x'):rep(70*1048576))and(1)) 1",
                            "s", ""),
                      1);
    }
    begin_reading(&l, s);
    UNTIL_MS(l.n_too_large == 1 && l.n >= 21, 400000);
    sio_stream_reader_free(l.reader);
    sio_store_free(s);
}

static void
test_a_redis_that_goes_and_comes(void)
{
    static listener l;
    sio_store      *s = new_redis_store(NULL);
    told            t = {.n_calls = 0};

    l = (listener){.acknowledges = true, .goes_on = true};
    begin_reading(&l, s);
    CHECK_INT(add(s, "s", "before"), SIO_OK);
    UNTIL(l.n == 1);
    redis_server_freeze(&server);
    sio_store_stream_add(s, SIO_VIEW("s"), &(sio_stream_field){SIO_VIEW("json"), SIO_VIEW("x")}, 1,
                         &(sio_stream_life){.max_entries = 0}, on_told, &t);
    redis_server_kill(&server);
    UNTIL(t.n_calls == 1);
    CHECK_INT(t.rc, SIO_ERR_UNAVAILABLE); /* it was lost with the connection */
    CHECK_INT(add(s, "s", "nowhere"), SIO_ERR_UNAVAILABLE);
    redis_server_start(&server, NULL);
    UNTIL_MS(connected(s), 30000);
    CHECK_INT(add(s, "s", "after"), SIO_OK);
    UNTIL_MS(l.n == 2, 30000);
    CHECK_VIEW(sio_view_of(l.json[1]), "after");
    sio_stream_reader_free(l.reader);
    sio_store_free(s);
}

static void
test_cancelling_and_freeing(void)
{
    static listener        l;
    const sio_stream_field field = {SIO_VIEW("v"), SIO_VIEW("1")};
    const sio_stream_life  life = {.max_entries = 0, .ttl_ms = 60000};
    sio_store             *s = new_redis_store(NULL);
    told                   t = {.n_calls = 0};

    l = (listener){.n = 0};
    sio_store_cancel(sio_store_stream_add(s, SIO_VIEW("s"), &field, 1, &life, on_told, &t));
    sio_store_cancel(sio_store_stream_trim(s, SIO_VIEW("s"), 10, on_size, &t));
    sio_store_cancel(sio_store_lease_hold(s, SIO_VIEW("l"), SIO_VIEW("me"), 60000, on_told, &t));
    UNTIL(sio_store_get_counters(s)->pending == 0);
    CHECK_INT((int)redis("XLEN", "s", ""), 1);
    CHECK(redis("PTTL", "s", "") > 0);
    CHECK(sio_store_stream_add(s, SIO_VIEW("s"), &field, 1, &life, NULL, NULL) == NULL);
    begin_reading(&l, s);
    sio_store_stream_add(s, SIO_VIEW("s"), &field, 1, &life, on_told, &t);
    sio_store_stream_trim(s, SIO_VIEW("s"), 0, on_size, &t);
    sio_stream_reader_free(l.reader);
    sio_store_free(s); /* with what is under way */
    CHECK_INT((int)t.n_calls, 0);
}

static int
hold(sio_store *s, const char *holder, uint64_t ttl_ms)
{
    told t = {.n_calls = 0};

    sio_store_lease_hold(s, SIO_VIEW("l"), sio_view_of(holder), ttl_ms, on_told, &t);
    UNTIL(t.n_calls == 1);
    return t.rc;
}

static void
test_leases(void)
{
    sio_store *a = new_redis_store(NULL), *b = new_redis_store(NULL);

    CHECK_INT(hold(a, "a", 60000), SIO_OK);
    CHECK_INT(hold(a, "a", 60000), SIO_OK);
    CHECK_INT(hold(b, "b", 60000), SIO_ERR_FULL);
    sio_store_lease_release(b, SIO_VIEW("l"), SIO_VIEW("b")); /* it is not that one's */
    UNTIL(sio_store_get_counters(b)->pending == 0);
    CHECK_INT(hold(b, "b", 60000), SIO_ERR_FULL);
    sio_store_lease_release(a, SIO_VIEW("l"), SIO_VIEW("a"));
    UNTIL(sio_store_get_counters(a)->pending == 0);
    CHECK_INT(hold(b, "b", 20), SIO_OK);
    UNTIL(hold(a, "a", 60000) == SIO_OK); /* when that of b has expired */
    redis_server_kill(&server);
    UNTIL(!connected(a));
    CHECK_INT(hold(a, "a", 60000), SIO_ERR_UNAVAILABLE);
    sio_store_lease_release(a, SIO_VIEW("l"), SIO_VIEW("a"));
    sio_store_free(a);
    sio_store_free(b);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_memory_has_none);
    RUN_REDIS(test_what_is_read_everywhere_is_trimmed);
    RUN_REDIS(test_each_group_has_its_own);
    RUN_REDIS(test_without_a_group_the_last_ones_stay);
    RUN_REDIS(test_reading_in_order_and_again);
    RUN_REDIS(test_what_another_one_was_given);
    RUN_REDIS(test_deleted_entries_and_streams);
    RUN_REDIS(test_what_is_no_stream);
    RUN_REDIS(test_an_entry_that_can_not_be_read);
    RUN_REDIS(test_cancelling_and_freeing);
    RUN_REDIS(test_leases);
    RUN_REDIS(test_a_redis_that_goes_and_comes);
    redis_server_fini(&server);
    return check_done();
}
