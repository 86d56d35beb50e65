#include "server/backends/hook_client.h"

#include "protocol/result.h"
#include "server/backends/backends.h"
#include "server/backends/hook_heir.h"
#include "server/backends/hook_queue.h"
#include "server/backends/hook_route.h"
#include "server/config/config.h"

/* The client is there: it is what the backend decides about from now on. */
static void
attach(sio_hook_socket *s, sio_socket *socket)
{
    s->socket = socket;
    if (s->n_full > 0 && sio_pause(socket, true) == 0)
        s->is_paused = true;
    s->all->env->stats.backend_paused += s->is_paused;
}

/* It has come back, so nobody was asked: the backend is told. */
static void
tell_of_return(sio_hooks *h, sio_hook_socket *s, sio_hook_event *e, size_t decider)
{
    sio_socket *socket = s->socket;

    e->queued.kind = SIO_EVENT_EMITTED;
    e->is_notice = true;
    if (sio_hook_queue_add(h, e, decider) == SIO_OK) {
        sio_hook_heir_renew(h, s);
        return;
    }
    sio_hook_queue_forget(e);
    sio_hook_socket_leave(s); /* nor is it told that it leaves: it may come and go for ever */
    sio_hook_socket_release(s);
    sio_hang_up(socket, "backend overloaded");
}

void
sio_hook_client_connected(sio_socket *socket, void *arg)
{
    sio_hook_namespace *n = arg;
    sio_hooks          *h = n->hooks;
    sio_hook_socket    *s = sio_hook_registry_find_socket(n, socket);
    const bool          is_decided = s != NULL && s->is_asked_about;
    sio_hook_event     *e;

    if (s == NULL)
        s = sio_hook_registry_new_socket(h, n->name, sio_id(socket), sio_handshake_json(socket));
    if (s == NULL) {
        sio_hook_registry_complain(h, "a client is hung up on: out of memory");
        sio_hang_up(socket, "out of memory");
        return;
    }
    attach(s, socket);
    if (is_decided || n->decider == SIO_HOOK_NOBODY)
        return;
    e = sio_hook_event_connect(s, sio_transport_name(socket), sio_handshake_json(socket),
                               sio_auth_json(socket),
                               sio_jwt_gate_claims(&h->env->backends->jwt, sio_socket_pass(socket)),
                               sio_recovered(socket));
    if (e != NULL)
        tell_of_return(h, s, e, (size_t)n->decider);
}

void
sio_hook_client_disconnected(sio_socket *socket, const char *reason, void *arg)
{
    sio_hook_namespace *n = arg;
    sio_hook_socket    *s = sio_hook_registry_find_socket(n, socket);
    sio_hook_event     *e;

    if (s == NULL || s->socket != socket)
        return;
    e = n->decider != SIO_HOOK_NOBODY ? sio_hook_event_disconnect(s, reason) : NULL;
    sio_hook_socket_leave(s);
    if (n->decider != SIO_HOOK_NOBODY)
        sio_hook_queue_disconnect(n->hooks, s, e, (size_t)n->decider);
    else
        sio_hook_socket_release(s);
}

void
sio_hook_client_emitted(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_hook_namespace *n = arg;
    sio_hooks          *h = n->hooks;
    sio_hook_socket    *s;
    sio_hook_event     *e;
    sio_view            name = {NULL, 0};
    int                 backend;

    if (sio_event_has_handler(socket, event))
        return; /* the program itself takes care of it */
    name.data = sio_event_name(event, &name.len);
    if (name.data == NULL ||
        (backend = sio_hook_route_find(&h->env->cfg->backends, n->name, name)) == SIO_HOOK_NOBODY) {
        h->env->stats.unrouted_events++;
        return;
    }
    if ((s = sio_hook_registry_find_socket(n, socket)) == NULL)
        return; /* it is being hung up on */
    e = sio_hook_event_emitted(s, event, sio_hook_registry_cfg(h, (size_t)backend)->ack_timeout_ms);
    if (e == NULL) {
        sio_hang_up(socket, "out of memory");
    } else if (sio_hook_queue_add(h, e, (size_t)backend) != SIO_OK) {
        sio_hook_queue_forget(e);
        sio_hang_up(socket, "backend overloaded");
    }
}

void
sio_hook_client_hold(void *arg, sio_event_line *line, bool is_full)
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
        s->all->env->stats.backend_paused++;
    else
        s->all->env->stats.backend_paused--;
}
