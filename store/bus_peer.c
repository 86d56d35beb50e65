#include "store/bus_peer.h"

#include <string.h>

#include "protocol/result.h"
#include "store/bus.h"
#include "store/clock.h"

static sio_bus_question *
question_at(sio_link *l)
{
    return SIO_CONTAINER(l, sio_bus_question, link);
}

static void
question_end(sio_bus_question *q, int rc, sio_view data)
{
    if (q->is_over)
        return;
    q->is_over = true;
    q->answered(q, rc, data);
}

void
sio_bus_peer_ask(sio_bus_peer *p, sio_bus_question *q, char kind, const sio_view *parts,
                 size_t n_parts)
{
    q->due_ms = sio_now_ms() + SIO_BUS_PATIENCE_MS;
    sio_link_init(&q->link);
    sio_link_append(&p->questions, &q->link);
    sio_bus_link_tell(&p->link, kind, parts, n_parts);
}

void
sio_bus_question_give_up(sio_bus_question *q)
{
    q->is_over = true;
}

bool
sio_bus_peer_hear_answer(sio_bus_peer *p, sio_view body)
{
    sio_bus_question *q;
    int32_t           rc;

    if (sio_link_empty(&p->questions) || body.len < sizeof rc)
        return false;
    q = question_at(p->questions.next);
    sio_link_remove(&q->link);
    memcpy(&rc, body.data, sizeof rc);
    question_end(q, rc, (sio_view){body.data + sizeof rc, body.len - sizeof rc});
    q->free(q);
    return true;
}

uint64_t
sio_bus_peer_expire(sio_bus_peer *p, uint64_t now_ms)
{
    sio_link *next;

    for (sio_link *l = p->questions.next; l != &p->questions; l = next) {
        sio_bus_question *q = question_at(l);

        next = l->next;
        if (q->is_over)
            continue;
        if (q->due_ms > now_ms)
            return q->due_ms;
        question_end(q, SIO_ERR_UNAVAILABLE, SIO_VIEW("")); /* it stays, for its answer */
    }
    return UINT64_MAX;
}

void
sio_bus_peer_fail_all(sio_bus_peer *p)
{
    while (!sio_link_empty(&p->questions)) {
        sio_bus_question *q = question_at(p->questions.next);

        sio_link_remove(&q->link);
        question_end(q, SIO_ERR_UNAVAILABLE, SIO_VIEW(""));
        q->free(q);
    }
}

void
sio_bus_peer_forget_all(sio_bus_peer *p)
{
    while (!sio_link_empty(&p->questions)) {
        sio_bus_question *q = question_at(p->questions.next);

        sio_link_remove(&q->link);
        q->is_over = true;
        q->free(q);
    }
}
