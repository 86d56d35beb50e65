/*
 * tests/unit/store/wills_test.c - what instances leave to others, with a real Redis.
 */
#include "tests/unit/store/instances_fixture.h"

#include <signal.h>

#include "store/wills.h"

typedef struct {
    unsigned n_calls;
    int      rc;
    char     text[64];
} moved;

static void
on_moved(void *arg, int rc, sio_view will)
{
    moved *m = arg;

    m->n_calls++;
    m->rc = rc;
    snprintf(m->text, sizeof m->text, "%.*s", (int)will.len, will.len > 0 ? will.data : "");
}

/* What came of asking for one; the text of the will, or "". */
static const char *
move(instance *to, const char *from, moved *m)
{
    *m = (moved){.n_calls = 0};
    sio_store_will_move(to->s, sio_view_of(from), to->tag, on_moved, m);
    UNTIL(m->n_calls == 1);
    return m->text;
}

static void
settle(const instance *i)
{
    UNTIL(sio_store_get_counters(i->s)->pending == 0);
}

static void
test_each_will_goes_to_one_heir(void)
{
    enum { N = 300 };
    instance a, b, c;
    moved    m;
    unsigned n_of_b = 0, n_of_c = 0;

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    start(&c, SIO_VIEW("cccccc"));
    for (unsigned i = 0; i < N; i++) {
        char text[16];

        snprintf(text, sizeof text, "will %u", i);
        CHECK_INT(sio_store_will_add(a.s, a.tag, sio_view_of(text)), SIO_OK);
    }
    settle(&a);
    CHECK_INT(command("SCARD test%u:wills:aaaaaa", n_tests), N);
    sio_store_free(a.s); /* as if killed */
    for (;;) {           /* both at once */
        moved mb = {.n_calls = 0}, mc = {.n_calls = 0};

        sio_store_will_move(b.s, SIO_VIEW("aaaaaa"), b.tag, on_moved, &mb);
        sio_store_will_move(c.s, SIO_VIEW("aaaaaa"), c.tag, on_moved, &mc);
        UNTIL(mb.n_calls == 1 && mc.n_calls == 1);
        n_of_b += mb.rc == SIO_OK;
        n_of_c += mc.rc == SIO_OK;
        if (mb.rc != SIO_OK && mc.rc != SIO_OK)
            break;
    }
    CHECK_INT(n_of_b + n_of_c, N);
    CHECK_INT(command("SCARD test%u:wills:bbbbbb", n_tests), n_of_b);
    CHECK_INT(command("SCARD test%u:wills:cccccc", n_tests), n_of_c);
    (void)move(&b, "aaaaaa", &m);
    CHECK_INT(m.rc, SIO_ERR_NOT_FOUND);
    sio_store_wills_remove_all(b.s, b.tag);
    settle(&b);
    CHECK_INT(command("EXISTS test%u:wills:bbbbbb", n_tests), 0);
    sio_store_free(b.s);
    sio_store_free(c.s);
}

static void
test_wills_are_any_bytes_and_can_be_removed(void)
{
    const sio_view will = {"id\0\xff\n", 5};
    instance       a;
    moved          m;

    start(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(sio_store_will_add(a.s, SIO_VIEW("bbbbbb"), will), SIO_OK);
    CHECK_INT(sio_store_will_add(a.s, SIO_VIEW("bbbbbb"), SIO_VIEW("removed")), SIO_OK);
    CHECK_INT(sio_store_will_remove(a.s, SIO_VIEW("bbbbbb"), SIO_VIEW("removed")), SIO_OK);
    settle(&a);
    CHECK_VIEW(sio_view_of(move(&a, "bbbbbb", &m)), "id"); /* and what is behind the NUL */
    CHECK_INT(m.rc, SIO_OK);
    CHECK_INT(command("SCARD test%u:wills:aaaaaa", n_tests), 1);
    CHECK(move(&a, "bbbbbb", &m)[0] == '\0' && m.rc == SIO_ERR_NOT_FOUND);
    sio_store_instance_touch(a.s, a.tag);
    settle(&a);
    CHECK(command("PTTL test%u:wills:aaaaaa", n_tests) > 0);
    sio_store_free(a.s);
}

/* One that nobody was told of before the deadline stays, */
static void
test_a_will_that_came_too_late_stays(void)
{
    instance a;
    moved    m = {.n_calls = 0};

    start(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(sio_store_will_add(a.s, SIO_VIEW("bbbbbb"), SIO_VIEW("w")), SIO_OK);
    settle(&a);
    redis_server_freeze(&server);
    sio_store_will_move(a.s, SIO_VIEW("bbbbbb"), a.tag, on_moved, &m);
    UNTIL_MS(m.n_calls == 1, SIO_REDIS_DEADLINE_MS + SOON_MS);
    CHECK_INT(m.rc, SIO_ERR_UNAVAILABLE);
    sio_store_will_move(a.s, SIO_VIEW("bbbbbb"), a.tag, on_moved, &m); /* nobody waits now */
    CHECK_INT(m.n_calls, 2);
    redis_server_thaw(&server);
    UNTIL(connected(a.s) && sio_store_get_counters(a.s)->pending == 0);
    CHECK_INT(command("SCARD test%u:wills:bbbbbb", n_tests), 1);
    CHECK_VIEW(sio_view_of(move(&a, "bbbbbb", &m)), "w");
    sio_store_free(a.s);
}

/* Redis has done what it was asked so far, and its reply is there, unread. */
static void
let_redis_answer(void)
{
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK); /* it is asked, and nothing is read */
    for (int i = 0; i < 3; i++) /* by another connection: in turns with the first */
        CHECK_INT(command("EXISTS nothing"), 0);
}

/* and goes back, if Redis moves it when nobody waits any more. */
static void
test_a_will_that_was_moved_too_late_goes_back(void)
{
    instance a;
    moved    m = {.n_calls = 0};

    start(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(sio_store_will_add(a.s, SIO_VIEW("bbbbbb"), SIO_VIEW("w")), SIO_OK);
    settle(&a);
    sio_store_will_move(a.s, SIO_VIEW("bbbbbb"), a.tag, on_moved, &m);
    let_redis_answer(); /* which one there is, but not more */
    CHECK_INT(m.n_calls, 0);
    redis_server_freeze(&server);
    UNTIL_MS(m.n_calls == 1, SIO_REDIS_DEADLINE_MS + SOON_MS);
    CHECK_INT(m.rc, SIO_ERR_UNAVAILABLE);
    redis_server_thaw(&server);
    UNTIL(connected(a.s) && sio_store_get_counters(a.s)->pending == 0);
    UNTIL(command("SCARD test%u:wills:bbbbbb", n_tests) == 1);
    CHECK_INT(command("SCARD test%u:wills:aaaaaa", n_tests), 0);
    sio_store_free(a.s);
}

static void
test_cancelling_leaves_it_where_it_was(void)
{
    instance       a;
    moved          m = {.n_calls = 0};
    sio_store_req *req;

    start(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(sio_store_will_add(a.s, SIO_VIEW("bbbbbb"), SIO_VIEW("w")), SIO_OK);
    for (int i = 0; i < 20; i++) { /* whatever is under way by then */
        req = sio_store_will_move(a.s, SIO_VIEW("bbbbbb"), a.tag, on_moved, &m);
        for (int k = 0; k < i % 10 && m.n_calls == 0; k++)
            event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        if (m.n_calls > 0)
            break;
        sio_store_cancel(req);
        settle(&a);
        CHECK_INT(command("SCARD test%u:wills:bbbbbb", n_tests), 1);
        CHECK_INT(m.n_calls, 0);
    }
    if (m.n_calls == 0)
        (void)sio_store_will_move(a.s, SIO_VIEW("bbbbbb"), a.tag, on_moved, &m);
    sio_store_free(a.s); /* which calls nobody back */
}

/* Whoever removes one learns that it is still there. */
static void
test_what_can_not_be_removed_now_is_not_forgotten(void)
{
    enum { MESSAGE = 1000, BOUND = 10 * MESSAGE };
    instance a = {.s = bounded_redis_store_at(NULL, NULL, 0, BOUND)};
    char     message[MESSAGE];

    memset(message, ' ', sizeof message);
    listen_as(&a, SIO_VIEW("aaaaaa"));
    UNTIL(a.n_up == 1);
    CHECK_INT(sio_store_will_add(a.s, a.tag, SIO_VIEW("w")), SIO_OK);
    settle(&a);
    redis_server_freeze(&server);
    while (sio_store_publish(a.s, a.tag, (sio_view){message, MESSAGE}) == SIO_OK)
        ;
    CHECK_INT(sio_store_will_remove(a.s, a.tag, SIO_VIEW("w")), SIO_ERR_FULL);
    redis_server_thaw(&server);
    settle(&a);
    CHECK_INT(command("SCARD test%u:wills:aaaaaa", n_tests), 1);
    CHECK_INT(sio_store_will_remove(a.s, a.tag, SIO_VIEW("w")), SIO_OK);
    settle(&a);
    CHECK_INT(command("SCARD test%u:wills:aaaaaa", n_tests), 0);
    sio_store_free(a.s);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_each_will_goes_to_one_heir);
    RUN_REDIS(test_wills_are_any_bytes_and_can_be_removed);
    RUN_REDIS(test_a_will_that_came_too_late_stays);
    RUN_REDIS(test_a_will_that_was_moved_too_late_goes_back);
    RUN_REDIS(test_cancelling_leaves_it_where_it_was);
    RUN_REDIS(test_what_can_not_be_removed_now_is_not_forgotten);
    redis_server_fini(&server);
    return check_done();
}
