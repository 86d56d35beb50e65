#include "tests/unit/check.h"

#include <string.h>

#include "server/socketio/return_queue.h"

static sio_env          env; /* its clock is moved by hand */
static sio_return_queue queue;
static char             served[16];

/* One who comes back; to serve it, so many packets are looked at. */
typedef struct {
    sio_returning returning;
    char          letter;
    size_t        n_packets;
} client;

static void
serve(sio_returning *r)
{
    client *c = SIO_CONTAINER(r, client, returning);

    strncat(served, &c->letter, 1);
    sio_return_queue_note(&queue, c->n_packets);
}

static void
begin(void)
{
    sio_env_init(&env);
    sio_return_queue_init(&queue, &env);
    served[0] = '\0';
}

static void
end(void)
{
    sio_return_queue_fini(&queue);
    sio_env_fini(&env);
}

static void
come_back(client *c, char letter, size_t n_packets)
{
    *c = (client){.returning.serve = serve, .letter = letter, .n_packets = n_packets};
    sio_link_init(&c->returning.link);
    sio_return_queue_add(&queue, &c->returning);
}

static void
next_turn(void)
{
    sio_timer_wheel_advance(&env.timers, sio_timer_wheel_now_ms(&env.timers) + 10);
}

static void
test_a_few_are_served_at_once(void)
{
    client c[3];

    begin();
    for (unsigned i = 0; i < 3; i++)
        come_back(&c[i], (char)('a' + i), 100);
    CHECK_VIEW(sio_view_of(served), "abc");
    end();
}

static void
test_when_a_turn_is_full_the_others_wait_in_order(void)
{
    client c[5];

    begin();
    come_back(&c[0], 'a', 6000);
    come_back(&c[1], 'b', 6000); /* now it is full */
    come_back(&c[2], 'c', 20000);
    come_back(&c[3], 'd', 1);
    CHECK_VIEW(sio_view_of(served), "ab");
    next_turn();
    CHECK_VIEW(sio_view_of(served), "abc"); /* one alone may take more than a turn has */
    come_back(&c[4], 'e', 1);               /* not before d */
    next_turn();
    CHECK_VIEW(sio_view_of(served), "abcde");
    next_turn();
    come_back(&c[0], 'f', 1);
    CHECK_VIEW(sio_view_of(served), "abcdef");
    end();
}

static void
test_one_that_leaves_is_not_served(void)
{
    client c[3];

    begin();
    come_back(&c[0], 'a', 10000);
    come_back(&c[1], 'b', 1);
    come_back(&c[2], 'c', 1);
    sio_link_remove(&c[1].returning.link);
    next_turn();
    CHECK_VIEW(sio_view_of(served), "ac");
    end();
}

int
main(void)
{
    RUN(test_a_few_are_served_at_once);
    RUN(test_when_a_turn_is_full_the_others_wait_in_order);
    RUN(test_one_that_leaves_is_not_served);
    return check_done();
}
