/*
 * The bus between processes of one host: several stores on one loop, with stream sockets between
 * them; and a peer of which the test writes each byte.
 */
#include "tests/unit/store/store_data_fixture.h"

#include "store/bus.h"
#include "store/bus_link.h"
#include "store/bus_peer.h"
#include "store/instances.h"
#include "store/once.h"
#include "store/wills.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_STORES = 4 };

/* A process, and what its ears have heard. */
typedef struct {
    sio_store *s;
    char       tag[SIO_STORE_TAG_LEN + 1];
    unsigned   n_up, n_met, n_gone, n_forgot, n_direct, n_cast, n_disorder, n_settled;
    unsigned   last_number;
    size_t     len; /* of the last message */
    char       gone[SIO_STORE_TAG_LEN + 1];
} process;

static process p[MAX_STORES];

static void
on_message(void *arg, bool direct, sio_view bytes)
{
    process *i = arg;
    unsigned number = 0;

    i->n_direct += direct;
    i->n_cast += !direct;
    i->len = bytes.len;
    if (bytes.len >= sizeof number)
        memcpy(&number, bytes.data, sizeof number);
    i->n_disorder += number != i->last_number + 1;
    i->last_number = number;
}

static void
on_up(void *arg)
{
    ((process *)arg)->n_up++;
}

static void
on_down(void *arg)
{
    (void)arg;
    CHECK(false); /* a process hears as long as it lives */
}

static void
on_met(void *arg, sio_view tag)
{
    (void)tag;
    ((process *)arg)->n_met++;
}

static void
on_gone(void *arg, sio_view tag)
{
    process *i = arg;

    i->n_gone++;
    snprintf(i->gone, sizeof i->gone, "%.*s", (int)tag.len, tag.data);
}

static void
on_forgot(void *arg)
{
    ((process *)arg)->n_forgot++;
}

static void
on_settled(void *arg)
{
    ((process *)arg)->n_settled++;
}

static const sio_store_ears ears = {.message = on_message,
                                    .up = on_up,
                                    .down = on_down,
                                    .met = on_met,
                                    .gone = on_gone,
                                    .forgot = on_forgot};

/* --- Processes. --- */

static void
make(unsigned n, size_t max_publish_bytes)
{
    memset(p, 0, sizeof p);
    for (unsigned i = 0; i < n; i++) {
        const sio_bus_cfg cfg = {.base = base, .number = i, .max_publish_bytes = max_publish_bytes};

        snprintf(p[i].tag, sizeof p[i].tag, "proc%u_", i);
        if (sio_bus_store_new(&p[i].s, &cfg) != SIO_OK)
            exit(1);
        sio_store_on_settled(p[i].s, on_settled, &p[i]);
    }
}

static void
join(unsigned a, unsigned b)
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
        exit(1);
    CHECK_INT(sio_bus_add_peer(p[a].s, b, fds[0]), SIO_OK);
    CHECK_INT(sio_bus_add_peer(p[b].s, a, fds[1]), SIO_OK);
}

static void
hear(unsigned i)
{
    sio_store_ears own = ears;

    own.arg = &p[i];
    CHECK_INT(sio_store_listen(p[i].s, sio_view_of(p[i].tag), &own), SIO_OK);
}

/* n of them, each with each, and all know all. */
static void
start(unsigned n)
{
    make(n, 0);
    for (unsigned a = 0; a < n; a++)
        for (unsigned b = a + 1; b < n; b++)
            join(a, b);
    for (unsigned i = 0; i < n; i++)
        hear(i);
    for (unsigned i = 0; i < n; i++)
        UNTIL(p[i].n_up == 1 && p[i].n_settled == 1 && p[i].n_met == n - 1);
}

/* The process ends. */
static void
finish(unsigned i)
{
    sio_store_free(p[i].s);
    p[i].s = NULL;
}

static void
finish_all(void)
{
    for (unsigned i = 0; i < MAX_STORES; i++)
        if (p[i].s != NULL)
            finish(i);
}

/* --- Handshakes. --- */

static void
test_a_handshake_is_taken_once_whoever_asks(void)
{
    outcome o;
    race    r = {0};

    start(3);
    CHECK_INT(put(p[0].s, SIO_VIEW("proc0_1234"), SIO_VIEW("{\"a\":1}")), SIO_OK);
    o = take(p[2].s, SIO_VIEW("proc0_1234"));
    CHECK_INT(o.rc, SIO_OK);
    CHECK_VIEW(data_of(&o), "{\"a\":1}");
    CHECK_INT(take_rc(p[1].s, SIO_VIEW("proc0_1234")), SIO_ERR_NOT_FOUND);
    CHECK_INT(take_rc(p[0].s, SIO_VIEW("proc0_1234")), SIO_ERR_NOT_FOUND);
    CHECK_INT(take_rc(p[1].s, SIO_VIEW("nobody1234")), SIO_ERR_NOT_FOUND);
    CHECK_INT(take_rc(p[1].s, SIO_VIEW("x")), SIO_ERR_NOT_FOUND);
    CHECK_INT(sio_store_get_counters(p[2].s)->hits, 1);
    CHECK_INT(sio_store_get_counters(p[1].s)->misses, 3);

    CHECK_INT(put(p[1].s, SIO_VIEW("proc1_prize"), SIO_VIEW("x")), SIO_OK);
    for (unsigned i = 0; i < 300; i++)
        (void)sio_store_handshake_take(p[i % 3].s, SIO_VIEW("proc1_prize"), on_race, &r);
    UNTIL(r.n_calls == 300);
    CHECK_INT(r.n_winners, 1);
    finish_all();
}

static void
test_a_take_may_be_cancelled_and_a_store_freed(void)
{
    outcome o = {.n_calls = 0};

    start(2);
    CHECK_INT(put(p[0].s, SIO_VIEW("proc0_1"), SIO_VIEW("x")), SIO_OK);
    sio_store_cancel(sio_store_handshake_take(p[1].s, SIO_VIEW("proc0_1"), on_take, &o));
    CHECK_INT(take_rc(p[1].s, SIO_VIEW("proc0_1")), SIO_ERR_NOT_FOUND); /* it is behind that one */
    (void)sio_store_handshake_take(p[1].s, SIO_VIEW("proc0_2"), on_take, &o);
    (void)sio_store_client_inherit(p[1].s, SIO_VIEW("new"), SIO_VIEW("old"), on_put, &o);
    (void)sio_store_once_claim(p[1].s, SIO_VIEW("key"), SIO_VIEW("v"), TTL_MS,
                               (sio_store_once_cb)on_take, &o);
    finish(1);
    CHECK_INT(o.n_calls, 0);
    finish_all();
}

/* --- Messages. --- */

static int
say(unsigned from, const char *tag, unsigned number)
{
    return sio_store_publish(p[from].s, sio_view_of(tag),
                             (sio_view){(const char *)&number, sizeof number});
}

static void
test_messages_come_once_and_in_order(void)
{
    start(3);
    for (unsigned i = 1; i <= 5000; i++)
        CHECK_INT(i % 2 == 0 ? say(0, "proc1_", i) : say(0, "", i), SIO_OK);
    UNTIL(p[1].last_number == 5000);
    UNTIL(p[2].last_number == 4999);
    CHECK_INT(p[1].n_direct, 2500);
    CHECK_INT(p[1].n_cast, 2500);
    CHECK_INT(p[1].n_disorder, 0);
    CHECK_INT(p[2].n_direct, 0);
    CHECK_INT(p[2].n_cast, 2500);
    CHECK_INT(p[0].n_cast + p[0].n_direct, 0); /* a cast does not come back */
    CHECK_INT(say(0, "nobody", 1), SIO_OK);
    finish_all();
}

static void
test_a_large_message_comes_whole(void)
{
    const size_t len = 5 * 1024 * 1024;
    char        *big = calloc(1, len);

    start(2);
    big[0] = 1;
    CHECK_INT(sio_store_publish(p[0].s, SIO_VIEW("proc1_"), (sio_view){big, len}), SIO_OK);
    UNTIL(p[1].n_direct == 1);
    CHECK_INT(p[1].len, len);
    CHECK_INT(p[1].n_disorder, 0);
    CHECK_INT(sio_store_publish(p[0].s, SIO_VIEW("proc1_"),
                                (sio_view){big, SIO_BUS_MAX_PUBLISH_BYTES + 1}),
              SIO_ERR_FULL); /* it is not looked at */
    free(big);
    finish_all();
}

/* What was for the old name is not for the new one. */
static void
test_another_name(void)
{
    start(2);
    CHECK_INT(say(1, "proc0_", 1), SIO_OK);
    snprintf(p[0].tag, sizeof p[0].tag, "other_");
    hear(0);
    UNTIL(p[0].n_up == 2 && p[1].n_met == 2);
    CHECK_INT(p[0].n_direct, 0);
    CHECK_INT(p[1].n_gone, 0);
    CHECK_INT(say(1, "other_", 1), SIO_OK);
    UNTIL(p[0].n_direct == 1);
    finish_all();
}

/* --- The end of a process. --- */

static unsigned n_lost, n_batches;

static void
on_ids(void *arg, int rc, const sio_view *ids, size_t n)
{
    unsigned *n_last = arg;

    CHECK_INT(rc, SIO_OK);
    CHECK(n <= SIO_STORE_MAX_LOST);
    for (size_t i = 0; i < n; i++)
        CHECK_INT(ids[i].len, 4);
    n_lost += (unsigned)n;
    n_batches++;
    *n_last = (unsigned)n + 1;
}

static unsigned
take_all_of(unsigned i, const char *tag)
{
    n_lost = n_batches = 0;
    for (unsigned n_last = 2; n_last > 1;) {
        n_last = 0;
        (void)sio_store_lost_take(p[i].s, sio_view_of(tag), 0, on_ids, &n_last);
        UNTIL(n_last > 0);
        if (n_last == 0)
            break;
    }
    return n_lost;
}

static int
claim_lost(unsigned i, const char *tag)
{
    outcome o = {.n_calls = 0};

    (void)sio_store_lost_claim(p[i].s, sio_view_of(tag), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static void
add_sessions(unsigned i, unsigned n)
{
    char id[16];

    for (unsigned j = 0; j < n; j++) {
        snprintf(id, sizeof id, "%04u", j);
        sio_store_session_add(p[i].s, sio_view_of(p[i].tag), sio_view_of(id));
    }
}

static void
test_the_heir_of_one_that_ends_has_its_sessions(void)
{
    outcome o = {.n_calls = 0};

    start(3);
    add_sessions(1, 1200);
    sio_store_session_remove(p[1].s, SIO_VIEW("proc1_"), SIO_VIEW("0007"));
    CHECK_INT(say(1, "proc2_", 1), SIO_OK);
    UNTIL(p[2].n_direct == 1);
    finish(1);
    UNTIL(p[0].n_gone == 1 && p[2].n_gone == 1);
    CHECK_VIEW(sio_view_of(p[2].gone), "proc1_");
    (void)sio_store_instance_probe(p[0].s, SIO_VIEW("proc1_"), on_put, &o);
    CHECK_INT(o.rc, SIO_ERR_NOT_FOUND);
    CHECK_INT(claim_lost(0, "proc1_"), SIO_ERR_NOT_FOUND);
    CHECK_INT(claim_lost(2, "proc1_"), SIO_OK);
    CHECK_INT(take_all_of(0, "proc1_"), 0);
    CHECK_INT(take_all_of(2, "proc1_"), 1199);
    CHECK_INT(n_batches, 4);
    CHECK_INT(take_all_of(2, "proc1_"), 0);
    finish_all();
}

static void
test_when_the_heir_ends_the_next_one_is_told(void)
{
    start(3);
    p[0].n_forgot = 0;
    add_sessions(0, 10); /* its heir is the next one */
    finish(1);
    UNTIL(p[0].n_forgot == 1);
    add_sessions(0, 10);
    CHECK_INT(say(0, "proc2_", 1), SIO_OK);
    UNTIL(p[2].n_direct == 1);
    finish(0);
    UNTIL(p[2].n_gone == 2);
    CHECK_INT(take_all_of(2, "proc0_"), 10);
    finish_all();
}

static void
test_a_new_one_takes_its_place_in_the_circle(void)
{
    const sio_bus_cfg cfg = {.base = base, .number = 1};

    start(3);
    finish(1);
    UNTIL(p[0].n_gone == 1 && p[2].n_gone == 1);
    add_sessions(0, 10);
    p[0].n_forgot = p[0].n_met = p[2].n_met = 0;
    memset(&p[1], 0, sizeof p[1]);
    snprintf(p[1].tag, sizeof p[1].tag, "newone");
    CHECK_INT(sio_bus_store_new(&p[1].s, &cfg), SIO_OK);
    sio_store_on_settled(p[1].s, on_settled, &p[1]);
    join(0, 1);
    join(1, 2);
    CHECK_INT(p[1].n_settled, 0);
    hear(1);
    UNTIL(p[1].n_settled == 1 && p[0].n_met == 1 && p[2].n_met == 1);
    UNTIL(p[0].n_forgot == 1);
    add_sessions(0, 10);
    CHECK_INT(say(0, "", 1), SIO_OK);
    UNTIL(p[1].n_cast == 1 && p[2].n_cast == 1);
    finish(0);
    UNTIL(p[1].n_gone == 1 && p[2].n_gone == 2);
    CHECK_INT(take_all_of(2, "proc0_"), 0); /* it was the heir before */
    CHECK_INT(take_all_of(1, "proc0_"), 10);
    finish_all();
}

static void
test_who_asks_one_that_ends_is_answered(void)
{
    outcome o = {.n_calls = 0}, inherited = {.n_calls = 0}, claimed = {.n_calls = 0};

    start(2);
    (void)sio_store_handshake_take(p[1].s, SIO_VIEW("proc0_1"), on_take, &o);
    (void)sio_store_client_inherit(p[1].s, SIO_VIEW("new"), SIO_VIEW("old"), on_put, &inherited);
    (void)sio_store_once_claim(p[1].s, SIO_VIEW("key"), SIO_VIEW("v"), TTL_MS,
                               (sio_store_once_cb)on_take, &claimed);
    finish(0);
    UNTIL(o.n_calls == 1 && inherited.n_calls == 1 && claimed.n_calls == 1);
    CHECK_INT(o.rc, SIO_ERR_NOT_FOUND);
    CHECK_INT(inherited.rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT(claimed.rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT(take_rc(p[1].s, SIO_VIEW("proc0_1")), SIO_ERR_NOT_FOUND);
    finish_all();
}

/* Before a process ends it asks whether all has left: then it has. */
static void
test_what_was_said_has_left_when_the_barrier_is_answered(void)
{
    const size_t len = 3 * 1024 * 1024;
    char        *big = calloc(1, len);
    outcome      o = {.n_calls = 0};

    start(2);
    CHECK_INT(sio_store_publish(p[0].s, SIO_VIEW("proc1_"), (sio_view){big, len}), SIO_OK);
    (void)sio_store_lost_check(p[0].s, SIO_VIEW("proc0_"), on_put, &o);
    UNTIL(o.n_calls == 1);
    CHECK_INT(o.rc, SIO_ERR_NOT_FOUND);
    finish(0);
    UNTIL(p[1].n_gone == 1);
    CHECK_INT(p[1].n_direct, 1);
    CHECK_INT(p[1].len, len);
    free(big);
    finish_all();
}

/* --- Wills, data, what is done once. --- */

static void
test_each_will_goes_to_one(void)
{
    outcome o = {.n_calls = 0};

    start(3);
    CHECK_INT(sio_store_will_add(p[2].s, SIO_VIEW("proc2_"), SIO_VIEW("a\0will")), SIO_OK);
    CHECK_INT(sio_store_will_add(p[2].s, SIO_VIEW("proc2_"), SIO_VIEW("b\0will")), SIO_OK);
    CHECK_INT(sio_store_will_remove(p[2].s, SIO_VIEW("proc2_"), SIO_VIEW("b\0will")), SIO_OK);
    sio_store_instance_remove(p[2].s, SIO_VIEW("proc2_")); /* as one that stops does */
    CHECK_INT(say(2, "", 1), SIO_OK);
    UNTIL(p[0].n_cast == 1 && p[1].n_cast == 1);
    finish(2);
    UNTIL(p[0].n_gone == 1);
    (void)sio_store_will_move(p[1].s, SIO_VIEW("proc2_"), SIO_VIEW("proc1_"),
                              (sio_store_will_cb)on_take, &o);
    CHECK_INT(o.rc, SIO_ERR_NOT_FOUND);
    (void)sio_store_will_move(p[0].s, SIO_VIEW("proc2_"), SIO_VIEW("proc0_"),
                              (sio_store_will_cb)on_take, &o);
    CHECK_INT(o.rc, SIO_OK);
    CHECK_VIEW(data_of(&o), SIO_VIEW("a\0will"));
    (void)sio_store_will_move(p[0].s, SIO_VIEW("proc2_"), SIO_VIEW("proc0_"),
                              (sio_store_will_cb)on_take, &o);
    CHECK_INT(o.rc, SIO_ERR_NOT_FOUND);
    CHECK_INT(say(0, "proc1_", 2), SIO_OK);
    UNTIL(p[1].n_direct == 1);
    finish(0); /* it is among the wills of that one now, whose heir is the other */
    UNTIL(p[1].n_gone == 2);
    (void)sio_store_will_move(p[1].s, SIO_VIEW("proc0_"), SIO_VIEW("proc1_"),
                              (sio_store_will_cb)on_take, &o);
    CHECK_INT(o.rc, SIO_OK);
    CHECK_VIEW(data_of(&o), SIO_VIEW("a\0will"));
    finish_all();
}

static void
test_data_follow_a_client_that_comes_back_elsewhere(void)
{
    start(3);
    CHECK_INT(set_text(p[0].s, "old", "name", "Ann"), SIO_OK);
    CHECK_INT(set_text(p[0].s, "old", "", ""), SIO_OK);
    CHECK_INT(inherit(p[2].s, "new", "old"), SIO_OK);
    check_value(p[2].s, "new", "name", "Ann");
    check_value(p[2].s, "new", "", "");
    CHECK_INT(inherit(p[1].s, "other", "nobody"), SIO_OK);
    CHECK_INT(get_rc(p[1].s, "other", "name"), SIO_ERR_NOT_FOUND);
    CHECK_INT(set_text(p[1].s, "own", "name", "Bob"), SIO_OK);
    CHECK_INT(inherit(p[1].s, "own", "old"), SIO_OK);
    check_value(p[1].s, "own", "name", "Bob");
    finish_all();
}

static outcome
claim_once(unsigned i, const char *key, const char *value)
{
    outcome o = {.n_calls = 0};

    (void)sio_store_once_claim(p[i].s, sio_view_of(key), sio_view_of(value), TTL_MS,
                               (sio_store_once_cb)on_take, &o);
    UNTIL(o.n_calls == 1);
    return o;
}

static void
test_once_is_once_for_all(void)
{
    outcome o;

    start(3);
    CHECK_INT(claim_once(1, "k", "one").rc, SIO_OK);
    o = claim_once(2, "k", "two");
    CHECK_INT(o.rc, SIO_ERR_FULL);
    CHECK_VIEW(data_of(&o), "one");
    CHECK_INT(claim_once(0, "k", "zero").rc, SIO_ERR_FULL);
    sio_store_once_put(p[2].s, SIO_VIEW("k"), SIO_VIEW("done"), TTL_MS);
    o = claim_once(2, "k", "again");
    CHECK_INT(o.rc, SIO_ERR_FULL);
    CHECK_VIEW(data_of(&o), "done");
    sio_store_once_drop(p[1].s, SIO_VIEW("k"));
    CHECK_INT(claim_once(1, "k", "new").rc, SIO_OK);
    finish(0);
    UNTIL(p[1].n_gone == 1 && p[2].n_gone == 1);
    CHECK_INT(claim_once(2, "k", "x").rc, SIO_OK); /* who has decided is gone */
    CHECK_INT(claim_once(1, "k", "x").rc, SIO_ERR_FULL);
    finish_all();
}

/* --- A peer that is the test. --- */

/* One process, and the other end of its socket. */
static int
start_beside_test(size_t max_publish_bytes)
{
    int fds[2];

    make(1, max_publish_bytes);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
        exit(1);
    CHECK_INT(sio_bus_add_peer(p[0].s, 1, fds[0]), SIO_OK);
    hear(0);
    UNTIL(p[0].n_up == 1);
    return fds[1];
}

static void
write_all(int fd, const char *bytes, size_t len)
{
    CHECK_INT(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

static void
write_frame(int fd, char kind, sio_view body)
{
    char           frame[256];
    const uint32_t len = (uint32_t)body.len + 1;

    memcpy(frame, &len, sizeof len);
    frame[sizeof len] = kind;
    memcpy(frame + SIO_BUS_FRAME_HEAD, body.data, body.len);
    write_all(fd, frame, SIO_BUS_FRAME_HEAD + body.len);
}

static bool
has_ended(int fd)
{
    char    bytes[4096];
    ssize_t n;

    while ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        ;
    return n == 0 || (errno != EAGAIN && errno != EINTR);
}

static void
test_frames_may_come_in_pieces(void)
{
    const int      fd = start_beside_test(0);
    const unsigned number = 1;
    char           frame[SIO_BUS_FRAME_HEAD + SIO_STORE_TAG_LEN + sizeof number];
    const uint32_t len = sizeof frame - sizeof len;

    memcpy(frame, &len, sizeof len);
    frame[sizeof len] = SIO_BUS_TO;
    memcpy(frame + SIO_BUS_FRAME_HEAD, "proc0_", SIO_STORE_TAG_LEN);
    memcpy(frame + SIO_BUS_FRAME_HEAD + SIO_STORE_TAG_LEN, &number, sizeof number);
    for (size_t i = 0; i < sizeof frame; i++) {
        CHECK_INT(p[0].n_direct, 0);
        write_all(fd, frame + i, 1);
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
    UNTIL(p[0].n_direct == 1);
    CHECK_INT(p[0].n_disorder, 0);
    close(fd);
    finish_all();
}

/* What can not be ends the connection, and nothing else. */
static void
test_what_can_not_be_ends_the_connection(void)
{
    static const struct {
        const char *name;
        sio_view    bytes;
    } rows[] = {
        {"length 0", SIO_VIEW_INIT("\0\0\0\0h")},
        {"length 2^32 - 1", SIO_VIEW_INIT("\xff\xff\xff\xffh")},
        {"a little too long", SIO_VIEW_INIT("\x01\x04\x00\x04h")},
        {"unknown kind", SIO_VIEW_INIT("\x01\0\0\0?")},
        {"a tag that is too short", SIO_VIEW_INIT("\x06\0\0\0h12345")},
        {"a tag that is too long", SIO_VIEW_INIT("\x08\0\0\0h1234567")},
        {"a message without addressee", SIO_VIEW_INIT("\x03\0\0\0tab")},
        {"a session without a tag", SIO_VIEW_INIT("\x03\0\0\0sab")},
        {"an answer to nothing", SIO_VIEW_INIT("\x05\0\0\0a\0\0\0\0")},
        {"a short claim", SIO_VIEW_INIT("\x05\0\0\0o\0\0\0\0")},
        {"a claim with a key longer than it",
         SIO_VIEW_INIT("\x12\0\0\0o\1\0\0\0\0\0\0\0\xff\0\0\0\0\0\0\0k")},
        {"a claim without a time", SIO_VIEW_INIT("\x12\0\0\0o\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0k")},
        {"a put without a key", SIO_VIEW_INIT("\x11\0\0\0p\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
        {"to drop nothing", SIO_VIEW_INIT("\x01\0\0\0d")},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int fd = start_beside_test(0);

        check_row = rows[i].name;
        write_frame(fd, SIO_BUS_HELLO, SIO_VIEW("evil__"));
        UNTIL(p[0].n_met == 1);
        write_all(fd, rows[i].bytes.data, rows[i].bytes.len);
        UNTIL(p[0].n_gone == 1);
        UNTIL(has_ended(fd));
        CHECK_INT(put(p[0].s, SIO_VIEW("proc0_1"), SIO_VIEW("x")), SIO_OK);
        CHECK_INT(take_rc(p[0].s, SIO_VIEW("proc0_1")), SIO_OK);
        close(fd);
        finish_all();
    }
    check_row = NULL;
}

/* Each byte of the data that a process gives for a client may be any. */
static void
test_a_copy_that_is_none_is_refused(void)
{
    const int fd = start_beside_test(0);
    outcome   o = {.n_calls = 0};

    (void)sio_store_client_inherit(p[0].s, SIO_VIEW("new"), SIO_VIEW("old"), on_put, &o);
    write_frame(fd, SIO_BUS_ANSWER, SIO_VIEW("\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xffk"));
    UNTIL(o.n_calls == 1);
    CHECK_INT(o.rc, SIO_BAD);
    close(fd);
    finish_all();
}

static void
test_who_does_not_answer_is_waited_for_so_long(void)
{
    const int fd = start_beside_test(0);
    outcome   o = {.n_calls = 0}, second = {.n_calls = 0};

    write_frame(fd, SIO_BUS_HELLO, SIO_VIEW("mute__"));
    UNTIL(p[0].n_met == 1);
    (void)sio_store_handshake_take(p[0].s, SIO_VIEW("mute__1"), on_take, &o);
    UNTIL_MS(o.n_calls == 1, 30000);
    CHECK_INT(o.rc, SIO_ERR_NOT_FOUND);
    CHECK_INT(sio_store_get_counters(p[0].s)->unavailable, 1);
    (void)sio_store_handshake_take(p[0].s, SIO_VIEW("mute__2"), on_take, &second);
    write_frame(fd, SIO_BUS_ANSWER, SIO_VIEW("\0\0\0\0late"));
    write_frame(fd, SIO_BUS_ANSWER, SIO_VIEW("\0\0\0\0good"));
    UNTIL(second.n_calls == 1);
    CHECK_INT(second.rc, SIO_OK);
    CHECK_VIEW(data_of(&second), "good");
    CHECK_INT(o.n_calls, 1);
    close(fd);
    finish_all();
}

/* Messages are refused when so many bytes wait; what has been taken comes, and nothing else. */
static void
test_for_who_does_not_read_a_bounded_number_of_bytes_waits(void)
{
    enum { MAX_BYTES = 1024 * 1024, MESSAGE = 1000 };
    const int   fd = start_beside_test(MAX_BYTES);
    static char message[MESSAGE], bytes[65536];
    size_t      n_taken = 0, n_read = 0, n_expected;
    ssize_t     n;

    write_frame(fd, SIO_BUS_HELLO, SIO_VIEW("slow__"));
    UNTIL(p[0].n_met == 1);
    while (sio_store_publish(p[0].s, SIO_VIEW("slow__"), (sio_view){message, MESSAGE}) == SIO_OK &&
           n_taken < 100000) {
        n_taken++;
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
    CHECK(n_taken * MESSAGE < 3 * MAX_BYTES); /* with what the kernel has room for */
    CHECK(n_taken * MESSAGE > MAX_BYTES / 2);
    CHECK_INT(sio_store_get_counters(p[0].s)->publishes_lost, 1);
    CHECK_INT(sio_store_publish(p[0].s, SIO_VIEW(""), (sio_view){message, MESSAGE}), SIO_OK);
    CHECK_INT(sio_store_get_counters(p[0].s)->publishes_lost, 2); /* the cast, for this one */
    n_expected = n_taken * (MESSAGE + SIO_BUS_FRAME_HEAD + SIO_STORE_TAG_LEN) +
                 2 * SIO_BUS_FRAME_HEAD + SIO_STORE_TAG_LEN; /* and HELLO, WELCOME */
    for (unsigned i = 0; n_read < n_expected && i < 1000000; i++) {
        if ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
            n_read += (size_t)n;
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
    CHECK_INT(n_read, n_expected);
    CHECK_INT(say(0, "slow__", 1), SIO_OK);
    UNTIL((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_PEEK)) > 0);
    CHECK_INT(n, SIO_BUS_FRAME_HEAD + SIO_STORE_TAG_LEN + sizeof(unsigned));
    CHECK_INT(p[0].n_gone, 0);
    close(fd);
    finish_all();
}

/* What both have to agree about is not refused: who never reads it is cut off. */
static void
test_who_never_reads_is_cut_off(void)
{
    const int fd = start_beside_test(64 * 1024);

    write_frame(fd, SIO_BUS_HELLO, SIO_VIEW("slow__"));
    UNTIL(p[0].n_met == 1);
    for (unsigned i = 0; i < 1000000 && p[0].n_gone == 0; i++) {
        sio_store_session_add(p[0].s, SIO_VIEW("proc0_"), SIO_VIEW("an id of a session"));
        if (i % 1000 == 0)
            event_base_loop(base, EVLOOP_NONBLOCK);
    }
    CHECK_INT(p[0].n_gone, 1);
    close(fd);
    finish_all();
}

#define RUN_BUS(test) run("bus", #test, test, with_loop)

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    RUN_BUS(test_a_handshake_is_taken_once_whoever_asks);
    RUN_BUS(test_a_take_may_be_cancelled_and_a_store_freed);
    RUN_BUS(test_messages_come_once_and_in_order);
    RUN_BUS(test_a_large_message_comes_whole);
    RUN_BUS(test_another_name);
    RUN_BUS(test_the_heir_of_one_that_ends_has_its_sessions);
    RUN_BUS(test_when_the_heir_ends_the_next_one_is_told);
    RUN_BUS(test_a_new_one_takes_its_place_in_the_circle);
    RUN_BUS(test_who_asks_one_that_ends_is_answered);
    RUN_BUS(test_what_was_said_has_left_when_the_barrier_is_answered);
    RUN_BUS(test_each_will_goes_to_one);
    RUN_BUS(test_data_follow_a_client_that_comes_back_elsewhere);
    RUN_BUS(test_once_is_once_for_all);
    RUN_BUS(test_frames_may_come_in_pieces);
    RUN_BUS(test_what_can_not_be_ends_the_connection);
    RUN_BUS(test_a_copy_that_is_none_is_refused);
    RUN_BUS(test_who_does_not_answer_is_waited_for_so_long);
    RUN_BUS(test_for_who_does_not_read_a_bounded_number_of_bytes_waits);
    RUN_BUS(test_who_never_reads_is_cut_off);
    return check_done();
}
