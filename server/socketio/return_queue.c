#include "server/socketio/return_queue.h"

enum { MAX_IN_TURN = 10000 /* packets: some milliseconds, if all of them are to be sent */ };

/* Everybody is served, but the one after whom the turn is over. */
static void
on_turn(sio_timer *timer)
{
    sio_return_queue *q = SIO_CONTAINER(timer, sio_return_queue, timer);

    q->n_looked_at = 0;
    while (!sio_link_empty(&q->waiting) && q->n_looked_at < MAX_IN_TURN) {
        sio_link *first = q->waiting.next;

        sio_link_remove(first);
        SIO_CONTAINER(first, sio_returning, link)->serve(SIO_CONTAINER(first, sio_returning, link));
    }
    if (!sio_link_empty(&q->waiting))
        sio_timer_set(&q->env->timers, &q->timer, 0);
}

void
sio_return_queue_init(sio_return_queue *q, sio_env *env)
{
    *q = (sio_return_queue){.env = env, .timer.fire = on_turn};
    sio_link_init(&q->waiting);
}

void
sio_return_queue_fini(sio_return_queue *q)
{
    while (!sio_link_empty(&q->waiting))
        sio_link_remove(q->waiting.next);
    sio_timer_cancel(&q->env->timers, &q->timer);
}

void
sio_return_queue_add(sio_return_queue *q, sio_returning *r)
{
    if (q->n_looked_at < MAX_IN_TURN && sio_link_empty(&q->waiting))
        r->serve(r);
    else
        sio_link_append(&q->waiting, &r->link);
}

void
sio_return_queue_note(sio_return_queue *q, size_t n_packets)
{
    q->n_looked_at += n_packets;
    if (!sio_timer_armed(&q->timer))
        sio_timer_set(&q->env->timers, &q->timer, 0);
}
