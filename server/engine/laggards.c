#include "server/engine/laggards.h"

#include "server/engine/mailbox.h"
#include "server/server.h"

static void
laggards_arm(sio_server *s)
{
    sio_laggards  *all = &s->laggards;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&s->wheel);
    uint64_t       until_ms;

    if (sio_link_empty(&all->list) || sio_timer_armed(&all->timer))
        return;
    until_ms = SIO_CONTAINER(all->list.next, sio_laggard, link)->until_ms;
    sio_timer_set(&s->wheel, &all->timer, until_ms > now_ms ? (unsigned)(until_ms - now_ms) : 0);
}

/* Should the first one have caught up meanwhile, the timer was early. */
static void
on_laggards_timer(sio_timer *timer)
{
    sio_server *s = SIO_CONTAINER(timer, sio_server, laggards.timer);
    sio_link   *list = &s->laggards.list;

    while (!sio_link_empty(list)) {
        sio_laggard *first = SIO_CONTAINER(list->next, sio_laggard, link);

        if (first->until_ms > sio_timer_wheel_now_ms(&s->wheel))
            break;
        sio_link_remove(&first->link);
        sio_mailbox_give_up(SIO_CONTAINER(first, sio_mailbox, laggard));
    }
    laggards_arm(s);
}

void
sio_laggards_init(sio_server *s)
{
    sio_link_init(&s->laggards.list);
    s->laggards.timer.fire = on_laggards_timer;
}

static bool
lags(const sio_mailbox *m)
{
    return sio_send_queue_memory(&m->queue) > m->server->cfg.slow_consumer_bytes;
}

void
sio_laggards_grown(sio_mailbox *m)
{
    sio_server *s = m->server;

    if (!lags(m) || !sio_link_empty(&m->laggard.link))
        return;
    m->laggard.until_ms = sio_timer_wheel_now_ms(&s->wheel) + s->cfg.slow_consumer_timeout_ms;
    sio_link_append(&s->laggards.list, &m->laggard.link);
    laggards_arm(s);
}

void
sio_laggards_shrunk(sio_mailbox *m)
{
    if (!lags(m))
        sio_laggards_forget(m);
}

void
sio_laggards_forget(sio_mailbox *m)
{
    sio_link_remove(&m->laggard.link);
}
