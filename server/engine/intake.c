#include "server/engine/intake.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/engine/session.h"

struct sio_intake {
    sio_session *session;
    unsigned     n_pauses;
    sio_link     messages; /* kept, oldest first */
    size_t       n_bytes;
    sio_link     waiters;
    sio_task     task; /* to go on */
};

typedef struct {
    sio_link           link; /* in intake->messages */
    sio_intake_receive receive;
    unsigned           form;
    size_t             len;
    char               bytes[];
} kept_message;

/* --- What is kept. --- */

static size_t
cost_of(const kept_message *k)
{
    return sizeof *k + k->len;
}

/* The oldest, which is no longer kept. */
static kept_message *
take_oldest(sio_intake *in)
{
    kept_message *k = SIO_CONTAINER(in->messages.next, kept_message, link);

    sio_link_remove(&k->link);
    in->n_bytes -= cost_of(k);
    sio_charge_sub(&in->session->charge, cost_of(k));
    return k;
}

size_t
sio_intake_cost(size_t n_bytes, size_t n_messages)
{
    return n_bytes + n_messages * sizeof(kept_message);
}

/* max_cost may have become less than what is kept already. */
static bool
may_hold(const sio_intake *in, size_t n, size_t max_cost)
{
    return n <= max_cost && in->n_bytes <= max_cost - n;
}

bool
sio_intake_hold(sio_session *s, size_t max_cost, sio_intake_receive receive, unsigned form,
                sio_view bytes)
{
    sio_intake   *in = s->intake;
    const size_t  n = sio_intake_cost(bytes.len, 1);
    kept_message *k = may_hold(in, n, max_cost) ? malloc(n) : NULL;

    if (k == NULL)
        return false;
    *k = (kept_message){.receive = receive, .form = form, .len = bytes.len};
    if (bytes.len > 0)
        memcpy(k->bytes, bytes.data, bytes.len);
    sio_link_init(&k->link);
    sio_link_append(&in->messages, &k->link);
    in->n_bytes += n;
    sio_budget_add(s->env, &s->charge, n);
    return true;
}

void
sio_intake_wait(sio_session *s, sio_intake_waiter *w)
{
    sio_link_init(&w->link);
    sio_link_append(&s->intake->waiters, &w->link);
}

static void
tell_waiters(sio_intake *in)
{
    while (!sio_link_empty(&in->waiters)) {
        sio_intake_waiter *w = SIO_CONTAINER(in->waiters.next, sio_intake_waiter, link);

        sio_link_remove(&w->link);
        w->done(w);
    }
}

/* --- Stopping and going on. --- */

static void
pause_channel(sio_session *s, bool paused)
{
    sio_channel *ch = s->mailbox.channel;

    if (ch != NULL && ch->ops->pause != NULL)
        ch->ops->pause(ch, paused);
}

/* The application may pause it again, and end the session, for each message. */
static void
go_on(sio_task *task)
{
    sio_intake  *in = SIO_CONTAINER(task, sio_intake, task);
    sio_session *s = in->session;

    while (in->n_pauses == 0 && !s->ended && !sio_link_empty(&in->messages)) {
        kept_message *k = take_oldest(in);

        k->receive(s, (sio_view){k->bytes, k->len}, k->form);
        free(k);
    }
    if (in->n_pauses > 0 || s->ended)
        return;
    s->mailbox.is_paused = false;
    s->env->stats.paused--;
    s->dialect->heartbeat->alive(s);
    tell_waiters(in);
    pause_channel(s, false); /* last: what it has read is received in this call */
}

static sio_intake *
intake_new(sio_session *s)
{
    sio_intake *in = calloc(1, sizeof *in);

    if (in == NULL)
        return NULL;
    in->session = s;
    sio_link_init(&in->messages);
    sio_link_init(&in->waiters);
    sio_task_init(&in->task, go_on);
    return in;
}

int
sio_intake_pause(sio_session *s)
{
    if (s->intake == NULL && (s->intake = intake_new(s)) == NULL)
        return SIO_ERR_NOMEM;
    s->intake->n_pauses++;
    if (s->mailbox.is_paused || s->ended)
        return SIO_OK;
    s->mailbox.is_paused = true;
    s->env->stats.paused++;
    if (s->dialect->heartbeat->paused != NULL)
        s->dialect->heartbeat->paused(s);
    pause_channel(s, true);
    return SIO_OK;
}

void
sio_intake_resume(sio_session *s)
{
    if (--s->intake->n_pauses == 0 && !s->ended)
        sio_deferred_add(&s->env->deferred, &s->intake->task);
}

/* --- The end. --- */

void
sio_intake_end(sio_session *s)
{
    if (s->intake == NULL)
        return;
    s->env->stats.paused -= s->mailbox.is_paused;
    s->mailbox.is_paused = false;
    while (!sio_link_empty(&s->intake->messages))
        free(take_oldest(s->intake));
    tell_waiters(s->intake);
}

void
sio_intake_free(sio_session *s)
{
    if (s->intake == NULL)
        return;
    sio_task_cancel(&s->intake->task);
    free(s->intake);
}
