#include "server/backends/hooks.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/backend_answer.h"
#include "protocol/json_read.h"
#include "protocol/result.h"
#include "server/backends/hook_apply.h"
#include "server/backends/hook_backend.h"
#include "server/backends/hook_route.h"
#include "server/backends/hook_socket.h"
#include "server/backends/hook_will.h"
#include "server/base/random.h"
#include "server/config/config.h"

enum { NOBODY = -1 };

typedef struct sio_hook_namespace {
    sio_hooks     *hooks;
    sio_namespace *nsp;
    const char    *name;    /* "/": the default one */
    int            decider; /* the backend with "lifecycle"; NOBODY: everyone may connect */
} hook_namespace;

static const char away[] = "backend unavailable";

static const sio_cfg_backend *
cfg_of(const sio_hooks *h, size_t backend)
{
    return sio_hook_backend_cfg(h->backends[backend]);
}

static sio_hook_event *
event_of(sio_queued_event *queued)
{
    return SIO_CONTAINER(queued, sio_hook_event, queued);
}

static sio_hook_socket *
find_socket(const hook_namespace *n, const sio_socket *socket)
{
    return sio_hook_socket_find(&n->hooks->sockets, n->name, sio_id(socket));
}

static hook_namespace *
find_namespace(const sio_hooks *h, const char *name)
{
    for (size_t i = 0; i < h->n_namespaces; i++)
        if (strcmp(h->namespaces[i].name, name) == 0)
            return &h->namespaces[i];
    return NULL;
}

/* NULL: no memory. */
static sio_hook_socket *
new_socket(sio_hooks *h, const char *nsp_name, const char *id, const char *handshake_json)
{
    sio_hook_socket *s =
        sio_hook_socket_new(h->env, &h->sockets, nsp_name, id, handshake_json, h->n_backends);

    if (s != NULL)
        s->owner = h;
    return s;
}

static void
complain_memory(const sio_hooks *h, const char *what)
{
    sio_log_limit_write(&h->env->log_limits, SIO_LOG_FAILURE, NULL, "%s", what);
}

/* It is in no queue any more. */
static void
drop_event(sio_hook_event *e)
{
    sio_hook_socket *s = e->of;

    sio_hook_event_free(e);
    sio_hook_socket_release(s);
}

/* SIO_OK; or it is the caller's. */
static int
queue_event(sio_hooks *h, sio_hook_event *e, size_t backend)
{
    e->backend = backend;
    e->is_queued = sio_hook_backend_add(h->backends[backend], &e->of->lines[backend].line,
                                        &e->queued) == SIO_OK;
    h->env->stats.backend_overloaded += !e->is_queued;
    return e->is_queued ? SIO_OK : SIO_ERR_FULL;
}

/* --- Wills: another instance tells of the end of a socket if this one can not. --- */

/* Its user or its data are others now. */
static void
renew_will(sio_hooks *h, const sio_hook_socket *s)
{
    const hook_namespace *n = find_namespace(h, s->nsp_name);

    if (n != NULL && n->decider != NOBODY)
        sio_hook_will_leave(s, cfg_of(h, (size_t)n->decider)->name);
}

static int
find_backend(const sio_hooks *h, const char *name)
{
    for (size_t i = 0; i < h->n_backends; i++)
        if (strcmp(cfg_of(h, i)->name, name) == 0)
            return (int)i;
    return NOBODY;
}

static void
inherit(sio_hooks *h, const sio_hook_will *w, size_t backend)
{
    sio_hook_socket *s = sio_hook_socket_find(&h->sockets, w->nsp_name, w->id);
    sio_hook_event  *e;

    if (s == NULL)
        s = new_socket(h, w->nsp_name, w->id, NULL);
    if (s == NULL)
        return;
    if ((e = sio_hook_event_lost(s, "instance lost", sio_buf_view(&w->state))) == NULL)
        sio_hook_socket_release(s);
    else
        (void)queue_event(h, e, backend); /* for which there is always room */
}

/* It stays a will of this instance until the backend was told. */
static void
on_hook_will(const char *id, const char *text, void *arg)
{
    sio_hooks    *h = arg;
    sio_hook_will will;
    int           backend;

    (void)id;
    if (sio_hook_will_read(&will, text) && (backend = find_backend(h, will.backend)) != NOBODY)
        inherit(h, &will, (size_t)backend);
    sio_hook_will_fini(&will);
}

/* --- Who may connect. --- */

/* The client is there: it is what the backend decides about from now on. */
static void
attach(sio_hook_socket *s, sio_socket *socket)
{
    s->socket = socket;
    if (s->n_full > 0 && sio_pause(socket, true) == 0)
        s->is_paused = true;
    s->env->stats.backend_paused += s->is_paused;
}

/* Whatever went wrong, the client does not hear of it before it has waited for that long. */
static void
on_hook_patience(sio_timer *timer)
{
    sio_hook_event  *e = SIO_CONTAINER(timer, sio_hook_event, timer);
    sio_hook_socket *s = e->of;
    sio_decision    *decision = e->decision;
    sio_hooks       *h = s->owner;

    if (e->is_queued)
        sio_hook_backend_withdraw(h->backends[e->backend], &e->queued);
    s->is_asked_about = false;
    drop_event(e);
    sio_decide(decision, SIO_AWAY);
}

/* Four to six fifths, so that those who came together do not come back together. */
static unsigned
patience_ms(const sio_cfg_backend *cfg)
{
    const unsigned fifth = cfg->connect_within_ms / 5;
    uint32_t       number = 0;

    (void)sio_random_u32(&number);
    return cfg->connect_within_ms - fifth + number % (2 * fifth + 1);
}

static void
on_hook_wish(sio_decision *decision, const char *handshake_json, void *arg)
{
    hook_namespace  *n = arg;
    sio_hooks       *h = n->hooks;
    const char      *id = sio_decision_id(decision);
    sio_hook_socket *s = sio_hook_socket_find(&h->sockets, n->name, id);
    sio_hook_event  *e = NULL;

    if (s == NULL && id[0] != '\0')
        s = new_socket(h, n->name, id, handshake_json);
    if (s != NULL)
        e = sio_hook_event_connect(s, sio_decision_transport(decision), handshake_json,
                                   sio_decision_auth(decision), false);
    if (e == NULL) {
        if (s != NULL)
            sio_hook_socket_release(s);
        complain_memory(h, "a client is turned away: out of memory");
        sio_decide(decision, SIO_AWAY);
        return;
    }
    e->decision = decision;
    if (cfg_of(h, (size_t)n->decider)->pass_headers.n > 0)
        e->handshake = strdup(handshake_json); /* the client may leave before its verdict */
    e->timer.fire = on_hook_patience;
    s->is_asked_about = true;
    (void)queue_event(h, e, (size_t)n->decider); /* if it is full, its time passes */
    sio_timer_set(&h->env->timers, &e->timer, patience_ms(cfg_of(h, (size_t)n->decider)));
}

static void
queue_disconnect(sio_hooks *h, sio_hook_socket *s, sio_hook_event *e, size_t decider)
{
    if (e != NULL) {
        (void)queue_event(h, e, decider); /* for which there is always room */
        return;
    }
    complain_memory(h, "a backend is not told of a disconnect: out of memory");
    sio_hook_socket_release(s);
}

static void
apply_answer(sio_hooks *h, sio_hook_socket *s, const char *token, const sio_backend_answer *a)
{
    const sio_hook_apply apply = {.env = h->env,
                                  .commands = h->commands,
                                  .socket = &s->socket,
                                  .nsp = s->nsp_name,
                                  .token = token};

    sio_hook_apply_answer(&apply, a);
}

/* The words of a refusal as C strings. */
static void
refuse_wish(sio_decision *decision, const sio_backend_answer *a)
{
    char *message = a->message.len > 0 ? sio_hook_socket_text(a->message) : NULL;
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
        apply_answer(h, s, "", a);
        if (s->socket != NULL)
            renew_will(h, s);
        return;
    }
    queue_disconnect(h, s, sio_hook_event_lost(s, "transport close", SIO_VIEW("")), decider);
}

/* An event of its own holds s until it is applied. */
static void
settle_wish(sio_hooks *h, sio_hook_event *e, const sio_hook_result *result)
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
    drop_event(e);
}

static void
on_hook_connection(sio_socket *socket, void *arg)
{
    hook_namespace  *n = arg;
    sio_hooks       *h = n->hooks;
    sio_hook_socket *s = find_socket(n, socket);
    const bool       is_decided = s != NULL && s->is_asked_about;
    sio_hook_event  *e;

    if (s == NULL)
        s = new_socket(h, n->name, sio_id(socket), sio_handshake_json(socket));
    if (s == NULL) {
        complain_memory(h, "a client is hung up on: out of memory");
        sio_hang_up(socket, "out of memory");
        return;
    }
    attach(s, socket);
    if (is_decided || n->decider == NOBODY)
        return;
    /* It has come back, so nobody was asked: the backend is told. */
    e = sio_hook_event_connect(s, sio_transport_name(socket), sio_handshake_json(socket),
                               sio_auth_json(socket), sio_recovered(socket));
    if (e == NULL)
        return;
    e->queued.kind = SIO_EVENT_EMITTED;
    e->is_notice = true;
    renew_will(h, s);
    if (queue_event(h, e, (size_t)n->decider) != SIO_OK) {
        drop_event(e);
        sio_hang_up(socket, "backend overloaded");
    }
}

static void
on_hook_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    hook_namespace  *n = arg;
    sio_hook_socket *s = find_socket(n, socket);
    sio_hook_event  *e;

    if (s == NULL || s->socket != socket)
        return;
    e = n->decider != NOBODY ? sio_hook_event_disconnect(s, reason) : NULL;
    sio_hook_socket_leave(s);
    if (n->decider != NOBODY)
        queue_disconnect(n->hooks, s, e, (size_t)n->decider);
    else
        sio_hook_socket_release(s);
}

/* --- What clients send. --- */

static void
on_hook_event(sio_socket *socket, const sio_event *event, void *arg)
{
    hook_namespace  *n = arg;
    sio_hooks       *h = n->hooks;
    sio_hook_socket *s;
    sio_hook_event  *e;
    sio_view         name = {NULL, 0};
    int              backend;

    if (sio_event_has_handler(socket, event))
        return; /* the program itself takes care of it */
    name.data = sio_event_name(event, &name.len);
    if (name.data == NULL ||
        (backend = sio_hook_route_find(&h->env->cfg->backends, n->name, name)) == NOBODY) {
        h->env->stats.unrouted_events++;
        return;
    }
    if ((s = find_socket(n, socket)) == NULL)
        return; /* it is being hung up on */
    e = sio_hook_event_emitted(s, event, cfg_of(h, (size_t)backend)->ack_timeout_ms);
    if (e == NULL) {
        sio_hang_up(socket, "out of memory");
    } else if (queue_event(h, e, (size_t)backend) != SIO_OK) {
        drop_event(e);
        sio_hang_up(socket, "backend overloaded");
    }
}

/* --- What becomes of it. --- */

/* There must be no gap in what a backend hears of a socket: the client begins again. */
static void
give_up(sio_hooks *h, sio_hook_socket *s, size_t backend)
{
    if (strcmp(cfg_of(h, backend)->on_failure, "drop") == 0)
        return;
    sio_hook_backend_drop(h->backends[backend], &s->lines[backend].line);
    if (s->socket != NULL)
        sio_hang_up(s->socket, away);
}

/* An answer may say anything to an event, but a refusal is for one that asks. */
static void
settle_event(sio_hooks *h, sio_hook_event *e, const sio_hook_result *result)
{
    sio_hook_socket   *s = e->of;
    sio_backend_answer a;

    if (result->fate == SIO_EVENT_DROPPED)
        return;
    if (result->fate == SIO_EVENT_DELIVERED &&
        sio_backend_answer_read(result->answer, &a) == SIO_OK) {
        apply_answer(h, s, e->token, &a);
        if (e->is_notice && a.refuses && s->socket != NULL)
            sio_disconnect(s->socket, false);
        if (s->socket != NULL && (a.user.len > 0 || a.data.len > 0))
            renew_will(h, s);
        return;
    }
    h->env->stats.bad_answers += result->fate == SIO_EVENT_DELIVERED;
    give_up(h, s, e->backend);
}

/* Its answer can only command. */
static void
settle_disconnect(sio_hooks *h, sio_hook_event *e, const sio_hook_result *result)
{
    sio_socket          *nobody = NULL;
    const sio_hook_apply apply = {.env = h->env,
                                  .commands = h->commands,
                                  .socket = &nobody,
                                  .nsp = e->of->nsp_name,
                                  .token = ""};
    sio_backend_answer   a;

    if (e->of->socket == NULL) /* it has not come again: then the will is of that one */
        sio_hook_will_revoke(e->of);
    if (result->fate == SIO_EVENT_DELIVERED &&
        sio_backend_answer_read(result->answer, &a) == SIO_OK)
        sio_hook_apply_answer(&apply, &a);
}

static void
on_hook_done(void *arg, sio_queued_event *queued, const sio_hook_result *result)
{
    sio_hooks      *h = arg;
    sio_hook_event *e = event_of(queued);

    if (queued->kind == SIO_EVENT_CONNECT) {
        settle_wish(h, e, result);
        return;
    }
    if (queued->kind == SIO_EVENT_DISCONNECT)
        settle_disconnect(h, e, result);
    else
        settle_event(h, e, result);
    drop_event(e);
}

static void
add_event_json(void *arg, sio_queued_event *queued, sio_buf *out)
{
    sio_hooks      *h = arg;
    sio_hook_event *e = event_of(queued);

    sio_hook_event_add_json(e, cfg_of(h, e->backend)->include.n > 0, out);
}

static const char *
tell_handshake(void *arg, sio_queued_event *queued)
{
    const sio_hook_event *e = event_of(queued);

    (void)arg;
    if (e->of->socket != NULL)
        return sio_handshake_json(e->of->socket);
    return e->handshake;
}

/* TCP holds back a client that sends faster than its backend reads. */
static void
on_hook_full(void *arg, sio_event_line *line, bool is_full)
{
    sio_hook_socket *s = SIO_CONTAINER(line, sio_hook_line, line)->of;
    bool             pauses;

    (void)arg;
    if (is_full)
        s->n_full++;
    else
        s->n_full--;
    pauses = s->n_full > 0;
    if (s->socket == NULL || pauses == s->is_paused || sio_pause(s->socket, pauses) != 0)
        return;
    s->is_paused = pauses;
    if (pauses)
        s->env->stats.backend_paused++;
    else
        s->env->stats.backend_paused--;
}

static const sio_hook_backend_ops backend_ops = {
    .add_json = add_event_json,
    .handshake = tell_handshake,
    .done = on_hook_done,
    .hold = on_hook_full,
};

/* --- All of them. --- */

static void
be_application(hook_namespace *n)
{
    sio_on_connection(n->nsp, on_hook_connection, n);
    sio_on_disconnect(n->nsp, on_hook_disconnect, n);
    sio_on_any(n->nsp, on_hook_event, n);
    if (n->decider != NOBODY)
        sio_namespace_authorization(n->nsp, on_hook_wish, n);
}

static bool
add_namespace(sio_hooks *h, const char *name, size_t backend)
{
    hook_namespace *n = find_namespace(h, name);

    if (n == NULL) {
        n = &h->namespaces[h->n_namespaces++];
        *n = (hook_namespace){.hooks = h, .name = name, .decider = NOBODY};
        n->nsp = sio_of(sio_env_server(h->env), strcmp(name, "/") == 0 ? "" : name);
    }
    if (cfg_of(h, backend)->lifecycle)
        n->decider = (int)backend;
    return n->nsp != NULL;
}

static bool
add_namespaces(sio_hooks *h)
{
    size_t n = 0;
    bool   ok = true;

    for (size_t i = 0; i < h->n_backends; i++)
        n += cfg_of(h, i)->namespaces.n;
    if ((h->namespaces = calloc(n, sizeof *h->namespaces)) == NULL)
        return false;
    for (size_t i = 0; ok && i < h->n_backends; i++)
        for (size_t j = 0; ok && j < cfg_of(h, i)->namespaces.n; j++)
            ok = add_namespace(h, cfg_of(h, i)->namespaces.items[j].data, i);
    for (size_t i = 0; ok && i < h->n_namespaces; i++)
        be_application(&h->namespaces[i]);
    return ok;
}

int
sio_hooks_open(sio_hooks *h, sio_env *env, sio_commands *commands, sio_buf *error)
{
    const sio_cfg_list    *list = &env->cfg->backends;
    const sio_cfg_backend *cfgs = list->items;
    int                    rc = SIO_OK;

    sio_hooks_fini(h); /* to listen may be tried again, with other settings */
    if (list->n == 0)
        return SIO_OK;
    h->env = env;
    h->commands = commands;
    h->is_open = true;
    if (sio_hash_init(&h->sockets) != SIO_OK ||
        (h->backends = calloc(list->n, sizeof(struct sio_hook_backend *))) == NULL) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_NOMEM;
    }
    for (; rc == SIO_OK && h->n_backends < list->n; h->n_backends += rc == SIO_OK)
        rc = sio_hook_backend_new(&h->backends[h->n_backends], env, &cfgs[h->n_backends],
                                  &backend_ops, h, error);
    if (rc == SIO_OK && !add_namespaces(h)) {
        sio_buf_add_str(error, "out of memory");
        rc = SIO_ERR_NOMEM;
    }
    if (rc == SIO_OK)
        sio_on_will(sio_env_server(env), on_hook_will, h);
    return rc;
}

void
sio_hooks_adjust(sio_hooks *h)
{
    for (size_t i = 0; i < h->n_backends; i++)
        sio_hook_backend_revive(h->backends[i]);
}

void
sio_hooks_close(sio_hooks *h)
{
    for (size_t i = 0; i < h->n_backends; i++)
        sio_hook_backend_close(h->backends[i]);
}

static void
be_no_application(hook_namespace *n)
{
    if (n->nsp == NULL)
        return;
    sio_on_connection(n->nsp, NULL, NULL);
    sio_on_disconnect(n->nsp, NULL, NULL);
    sio_on_any(n->nsp, NULL, NULL);
    sio_namespace_authorization(n->nsp, NULL, NULL);
}

/* Nobody waits for these verdicts any more; to give them frees what was waited with. */
static void
end_wishes(sio_hook_socket *s)
{
    for (sio_link *l = s->events.next; l != &s->events; l = l->next) {
        sio_hook_event *e = SIO_CONTAINER(l, sio_hook_event, in_socket);

        if (e->decision == NULL)
            continue;
        sio_timer_cancel(&s->env->timers, &e->timer);
        sio_decide(e->decision, SIO_AWAY);
    }
}

void
sio_hooks_fini(sio_hooks *h)
{
    sio_hash_node *node;

    if (!h->is_open)
        return;
    for (size_t i = 0; i < h->n_backends; i++)
        sio_hook_backend_free(h->backends[i]);
    while ((node = sio_hash_any(&h->sockets)) != NULL) {
        sio_hook_socket *s = SIO_CONTAINER(node, sio_hook_socket, node);

        end_wishes(s);
        sio_hook_socket_free(s);
    }
    for (size_t i = 0; i < h->n_namespaces; i++)
        be_no_application(&h->namespaces[i]);
    sio_hash_fini(&h->sockets);
    free(h->namespaces);
    free(h->backends);
    *h = (sio_hooks){.env = NULL};
}
