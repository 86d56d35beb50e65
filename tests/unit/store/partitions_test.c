/*
 * store/partitions.h: messages to those who have joined a partition. The server is real, the
 * instances are several stores in one process.
 */
#include "tests/unit/store/instances_fixture.h"

#include "store/partitions.h"

static unsigned n_heard;

static void
on_heard(void *arg)
{
    (void)arg;
    n_heard++;
}

/* An instance that is told when all partitions are heard. */
static void
start_watchful(instance *i, sio_view tag)
{
    const sio_store_ears ears = {
        .message = on_message, .up = on_up, .down = on_down, .heard = on_heard, .arg = i};

    n_heard = 0;
    *i = (instance){.s = redis_store_at(NULL, NULL, 0), .tag = tag};
    CHECK_INT(sio_store_listen(i->s, tag, &ears), SIO_OK);
    UNTIL(i->n_up == 1);
}

static void
join(instance *i, unsigned number)
{
    sio_store_partition_join(i->s, number);
    UNTIL(sio_store_partitions_are_heard(i->s));
}

static int
send_to(instance *from, unsigned number, const char *text)
{
    return sio_store_partition_publish(from->s, number, sio_view_of(text));
}

/* Whoever is up has heard what was said before by the same one. */
static void
settle(instance *from, instance *others[], size_t n)
{
    CHECK_INT(send_text(from, "", "the end"), SIO_OK);
    for (size_t i = 0; i < n; i++)
        UNTIL(strcmp(others[i]->text, "the end") == 0);
}

static void
test_a_message_reaches_those_who_have_joined(void)
{
    instance  a, b, c;
    instance *all[] = {&a, &b, &c};

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    start(&c, SIO_VIEW("cccccc"));
    CHECK(sio_store_has_partitions(a.s));
    join(&a, 7);
    join(&b, 7);
    join(&b, 7); /* again: nothing */
    join(&c, SIO_STORE_MAX_PARTITIONS - 1);
    CHECK_INT(send_to(&a, 7, "to 7"), SIO_OK);
    CHECK_INT(send_to(&a, SIO_STORE_MAX_PARTITIONS - 1, "to the last"), SIO_OK);
    CHECK_INT(send_to(&a, 70, "to nobody"), SIO_OK);
    settle(&a, all, 3);
    CHECK_INT(a.n_cast, 2); /* its own, and the end */
    CHECK_INT(b.n_cast, 2);
    CHECK_INT(c.n_cast, 2);
    CHECK_INT(a.n_direct + b.n_direct + c.n_direct, 0);
    CHECK_INT(sio_store_get_counters(a.s)->publishes, 4);
    CHECK_INT(sio_store_get_counters(a.s)->published_bytes, 4 + 11 + 9 + 7);
    sio_store_free(a.s);
    sio_store_free(b.s);
    sio_store_free(c.s);
}

static void
test_one_that_was_left_is_not_heard(void)
{
    instance  a;
    instance *all[] = {&a};

    start_watchful(&a, SIO_VIEW("aaaaaa"));
    CHECK(sio_store_partitions_are_heard(a.s)); /* none was joined */
    for (unsigned i = 0; i < 100; i++) {
        sio_store_partition_join(a.s, i);
        CHECK(!sio_store_partitions_are_heard(a.s));
    }
    UNTIL(n_heard == 1);
    CHECK(sio_store_partitions_are_heard(a.s));
    sio_store_partition_leave(a.s, 3);
    sio_store_partition_leave(a.s, 3);
    sio_store_partition_leave(a.s, 500);
    sio_store_partition_leave(a.s, 4);
    join(&a, 4);
    CHECK_INT(send_to(&a, 3, "#1"), SIO_OK);
    CHECK_INT(send_to(&a, 4, "#1"), SIO_OK);
    settle(&a, all, 1);
    CHECK_INT(a.n_cast, 2);
    CHECK_INT(a.last_number, 1);
    sio_store_free(a.s);
}

static void
test_they_are_heard_from_the_beginning_and_when_redis_is_back(void)
{
    instance a = {.s = redis_store_at(NULL, NULL, 0)};

    sio_store_partition_join(a.s, 1);
    sio_store_partition_join(a.s, 2);
    CHECK(!sio_store_partitions_are_heard(a.s));
    listen_as(&a, SIO_VIEW("aaaaaa"));
    UNTIL(a.n_up == 1);
    CHECK(sio_store_partitions_are_heard(a.s));
    CHECK_INT(send_to(&a, 1, "one"), SIO_OK);
    UNTIL(a.n_cast == 1 && sio_store_get_counters(a.s)->pending == 0);
    redis_server_kill(&server);
    UNTIL(a.n_down == 1);
    UNTIL(!connected(a.s));
    CHECK(!sio_store_partitions_are_heard(a.s));
    CHECK_INT(send_to(&a, 1, "lost"), SIO_ERR_UNAVAILABLE);
    CHECK_INT(sio_store_get_counters(a.s)->publishes_lost, 1);
    sio_store_partition_leave(a.s, 1);
    sio_store_partition_join(a.s, 3);
    redis_server_start(&server, NULL);
    UNTIL(a.n_up == 2);
    CHECK(sio_store_partitions_are_heard(a.s));
    CHECK_INT(send_to(&a, 1, "one"), SIO_OK);
    CHECK_INT(send_to(&a, 2, "two"), SIO_OK);
    CHECK_INT(send_to(&a, 3, "three"), SIO_OK);
    UNTIL(strcmp(a.text, "three") == 0);
    CHECK_INT(a.n_cast, 3);
    sio_store_free(a.s);
}

/* As "move" does: another name, the same partitions. */
static void
test_a_new_name_leaves_them_as_they_are(void)
{
    instance a;

    start(&a, SIO_VIEW("aaaaaa"));
    join(&a, 9);
    listen_as(&a, SIO_VIEW("bbbbbb"));
    UNTIL(a.n_up == 2);
    CHECK_INT(send_to(&a, 9, "nine"), SIO_OK);
    UNTIL(a.n_cast == 1);
    sio_store_free(a.s);
}

static void
test_what_one_says_keeps_its_order(void)
{
    enum { N = 20000, N_PARTITIONS = 5 };
    instance a, b;

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    for (unsigned i = 1; i < N_PARTITIONS; i++)
        join(&b, i);
    for (unsigned number = 1; number <= N; number++) {
        char text[16];
        int  rc = SIO_ERR_FULL;

        snprintf(text, sizeof text, "#%u", number);
        while (rc == SIO_ERR_FULL) {
            const unsigned to = number % N_PARTITIONS;

            rc = to == 0 ? send_text(&a, "", text) : send_to(&a, to, text);
            if (rc == SIO_ERR_FULL)
                event_base_loop(base, EVLOOP_ONCE); /* more than may be pending */
        }
        CHECK_INT(rc, SIO_OK);
    }
    UNTIL(b.last_number == N);
    CHECK_INT(b.n_disorder, 0);
    CHECK_INT(a.n_cast, N / N_PARTITIONS); /* those to all */
    sio_store_free(a.s);
    sio_store_free(b.s);
}

static void
test_an_instance_alone_has_none(void)
{
    sio_store *s = new_memory_store(NULL);

    CHECK(!sio_store_has_partitions(s));
    sio_store_partition_join(s, 1);
    CHECK(sio_store_partitions_are_heard(s));
    sio_store_partition_leave(s, 1);
    sio_store_free(s);
}

#define RUN_MEMORY(test) run("memory", #test, test, with_loop)

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_a_message_reaches_those_who_have_joined);
    RUN_REDIS(test_one_that_was_left_is_not_heard);
    RUN_REDIS(test_they_are_heard_from_the_beginning_and_when_redis_is_back);
    RUN_REDIS(test_a_new_name_leaves_them_as_they_are);
    RUN_REDIS(test_what_one_says_keeps_its_order);
    RUN_MEMORY(test_an_instance_alone_has_none);
    redis_server_fini(&server);
    return check_done();
}
