#include "server/backends/hook_connect.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/backend_answer.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "protocol/result.h"
#include "server/backends/backends.h"
#include "server/backends/hook_heir.h"
#include "server/backends/hook_queue.h"
#include "server/backends/hook_settle.h"
#include "server/base/random.h"

/* Whatever went wrong, the client does not hear of it before it has waited for that long. */
static void
on_hook_patience(sio_timer *timer)
{
    sio_hook_event  *e = SIO_CONTAINER(timer, sio_hook_event, timer);
    sio_hook_socket *s = e->of;
    sio_decision    *decision = e->decision;
    sio_hooks       *h = s->all->owner;

    if (e->is_queued)
        sio_hook_backend_withdraw(h->backends[e->backend], &e->queued);
    s->is_asked_about = false;
    sio_hook_queue_forget(e);
    sio_decide(decision, SIO_AWAY);
}

/* Four to six fifths, so that those who came together do not come back together. */
static unsigned
connect_patience_ms(const sio_cfg_backend *cfg)
{
    const unsigned fifth = cfg->connect_within_ms / 5;
    uint32_t       number = 0;

    (void)sio_random_u32(&number);
    return cfg->connect_within_ms - fifth + number % (2 * fifth + 1);
}

static const char *
claims_of(const sio_hooks *h, const sio_decision *decision)
{
    return sio_jwt_gate_claims(&h->env->backends->jwt, sio_decision_pass(decision));
}

/* It is in no room yet, that of its user neither; but whose token it has shown is known. */
static void
note_user(const sio_hooks *h, sio_hook_socket *s, const sio_decision *decision)
{
    const char *user = sio_jwt_gate_user(&h->env->backends->jwt, sio_decision_pass(decision));

    sio_buf state;

    sio_buf_init(&state, SIZE_MAX);
    if (user != NULL)
        sio_json_member_text(&state, "user", sio_view_of(user));
    sio_hook_socket_set_state(s, state.failed ? SIO_VIEW("") : sio_buf_view(&state));
    sio_buf_fini(&state);
}

void
sio_hook_connect_ask(sio_decision *decision, const char *handshake_json, void *arg)
{
    sio_hook_namespace *n = arg;
    sio_hooks          *h = n->hooks;
    const char         *id = sio_decision_id(decision);
    sio_hook_socket    *s = sio_hook_socket_find(&h->sockets, n->name, id);
    sio_hook_event     *e = NULL;

    if (s == NULL && id[0] != '\0')
        s = sio_hook_registry_new_socket(h, n->name, id, handshake_json);
    if (s != NULL && s->socket == NULL)
        note_user(h, s, decision);
    if (s != NULL)
        e = sio_hook_event_connect(s, sio_decision_transport(decision), handshake_json,
                                   sio_decision_auth(decision), claims_of(h, decision), false);
    if (e == NULL) {
        if (s != NULL)
            sio_hook_socket_release(s);
        sio_hook_registry_complain(h, "a client is turned away: out of memory");
        sio_decide(decision, SIO_AWAY);
        return;
    }
    e->decision = decision;
    if (sio_hook_registry_cfg(h, (size_t)n->decider)->pass_headers.n > 0)
        sio_hook_event_keep_handshake(e, handshake_json);
    e->timer.fire = on_hook_patience;
    s->is_asked_about = true;
    if (sio_hook_queue_add(h, e, (size_t)n->decider) != SIO_OK)
        sio_hook_event_empty(e); /* its time passes, and nothing is said */
    sio_timer_set(&h->env->timers, &e->timer,
                  connect_patience_ms(sio_hook_registry_cfg(h, (size_t)n->decider)));
}

/* The words of a refusal as C strings. */
static void
refuse_wish(sio_decision *decision, const sio_backend_answer *a)
{
    char *message = a->message.len > 0 ? sio_json_read_c_string(a->message) : NULL;
    char *data = a->error_data.len > 0 && !sio_json_read_has_nul(a->error_data)
                     ? strndup(a->error_data.data, a->error_data.len)
                     : NULL;

    (void)sio_decide_error(decision, message != NULL ? message : "unauthorized", data);
    free(message);
    free(data);
}

/* Each client that a backend has accepted leaves once, be it before it was there. */
static void
accept_wish(sio_hooks *h, sio_hook_socket *s, sio_decision *decision, const sio_backend_answer *a,
            size_t decider)
{
    sio_decide(decision, SIO_ACCEPT);
    if (s->socket != NULL) {
        sio_hook_settle_apply(h, s, "", a);
        if (s->socket != NULL)
            sio_hook_heir_renew(h, s);
        return;
    }
    sio_hook_queue_disconnect(
        h, s, sio_hook_event_lost(s, "transport close", sio_view_of(s->state)), decider);
}

/* An event of its own holds s until it is applied. */
void
sio_hook_connect_settle(sio_hooks *h, sio_hook_event *e, const sio_hook_result *result)
{
    sio_hook_socket   *s = e->of;
    sio_decision      *decision = e->decision;
    sio_backend_answer a;

    e->is_queued = false;
    if (result->fate != SIO_EVENT_DELIVERED)
        return; /* the timer has the last word */
    if (result->is_refusal) {
        sio_backend_answer_read_refusal(result->answer, &a);
    } else if (sio_backend_answer_read(result->answer, &a) != SIO_OK) {
        h->env->stats.bad_answers++;
        return;
    }
    sio_timer_cancel(&h->env->timers, &e->timer);
    if (a.refuses)
        refuse_wish(decision, &a);
    else
        accept_wish(h, s, decision, &a, e->backend);
    s->is_asked_about = false;
    sio_hook_queue_forget(e);
}

/* To give the verdicts frees what was waited with. */
void
sio_hook_connect_end(sio_hook_socket *s)
{
    for (sio_link *l = s->events.next; l != &s->events; l = l->next) {
        sio_hook_event *e = SIO_CONTAINER(l, sio_hook_event, in_socket);

        if (e->decision == NULL)
            continue;
        sio_timer_cancel(&s->all->env->timers, &e->timer);
        sio_decide(e->decision, SIO_AWAY);
    }
}
