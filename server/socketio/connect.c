#include "server/socketio/connect.h"

#include <stdlib.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/admission.h"
#include "server/socketio/authorization.h"
#include "server/socketio/client.h"
#include "server/socketio/dialects.h"
#include "server/socketio/guard.h"
#include "server/socketio/io.h"
#include "server/socketio/joining.h"
#include "server/socketio/packet.h"
#include "server/socketio/recovery.h"
#include "server/socketio/socket.h"

bool
sio_connect_is_pending(sio_session *session, const sio_namespace *nsp)
{
    sio_link *joins = &sio_client_of(session)->joins;

    for (sio_link *l = joins->next; l != joins; l = l->next)
        if (SIO_CONTAINER(l, sio_joining, link)->nsp == nsp)
            return true;
    return false;
}

void
sio_connect_abandon(sio_session *session)
{
    sio_link *joins = &sio_client_of(session)->joins;

    while (!sio_link_empty(joins)) {
        sio_joining *j = SIO_CONTAINER(joins->next, sio_joining, link);

        sio_authorization_abandon(j->decision);
        sio_joining_free(j);
    }
}

static void
send_plain(sio_session *session, sio_packet_type type, const sio_namespace *nsp)
{
    const sio_packet p = {.type = type, .nsp = nsp->name};

    sio_packet_send(session, &p, false);
}

static void
send_refusal(const sio_joining *j, sio_verdict verdict)
{
    sio_packet p = {
        .type = verdict == SIO_REFUSE ? SIO_PACKET_REFUSED : SIO_PACKET_FAILED,
        .nsp = j->nsp->name,
        .text = sio_authorization_message(j->decision),
        .data = sio_authorization_data(j->decision),
    };

    if (verdict == SIO_AWAY) {
        p.text = SIO_VIEW("backend unavailable");
        p.data = SIO_VIEW("{\"retry\":true}");
    }
    sio_packet_send(j->session, &p, false);
}

static bool
has_joined_any(sio_session *session)
{
    return !sio_link_empty(&sio_client_of(session)->sockets);
}

/* Clients come back by themselves when their connection ends, but not when they are refused. */
static void
turn_away(sio_joining *j)
{
    sio_session *session = j->session;

    if (sio_packet_dialect_of(session)->returns_once_connected)
        send_plain(session, SIO_PACKET_CONNECT, j->nsp);
    sio_joining_free(j);
    sio_session_end(session, "backend unavailable", false);
}

/* It is settled. */
static void
connect_finish(sio_joining *j, sio_verdict verdict, sio_recovery_state *state)
{
    const sio_packet_dialect *dialect = sio_packet_dialect_of(j->session);
    sio_namespace            *nsp = j->nsp;
    sio_session              *session = j->session;

    sio_link_remove(&j->link); /* first: what is called below may ask whether it is there */
    nsp->env->stats.turned_away += verdict == SIO_AWAY;
    if (verdict == SIO_AWAY && !has_joined_any(session)) {
        turn_away(j);
        return;
    }
    if (verdict == SIO_ACCEPT)
        sio_admission_let_in(j, state);
    else
        send_refusal(j, verdict);
    sio_joining_free(j);
    if (dialect->settled != NULL && !session->ended)
        dialect->settled(session, nsp);
}

/* --- Clients that come back. --- */

static bool
comes_back(const sio_joining *j)
{
    return sio_packet_dialect_of(j->session)->recovers &&
           j->nsp->env->cfg->max_disconnection_ms > 0 && j->private_id.len > 0 && j->offset.len > 0;
}

static void ask(sio_joining *j);
static void on_connect_answer(void *owner);

/* It is a client like any other. */
static void
join_as_new(sio_joining *j)
{
    j->nsp->env->stats.not_recovered++;
    sio_buf_clear(&j->offset);
    if (j->is_accepted)
        connect_finish(j, SIO_ACCEPT, NULL);
    else
        ask(j);
}

/* Its state is here, comes here from another instance first, or is gone. */
static void
recover(sio_returning *returning)
{
    sio_joining               *j = SIO_CONTAINER(returning, sio_joining, returning);
    const sio_recovery_remote *remote = j->nsp->env->io->recovery.remote;
    const sio_view             private_id = sio_buf_view(&j->private_id);
    const sio_view             offset = sio_buf_view(&j->offset);
    sio_recovery_state        *state = sio_recovery_find(j->nsp, private_id, offset, &j->missed);

    if (state == NULL && remote != NULL && !j->was_asked_for) {
        j->was_asked_for = true;
        j->question = remote->ask(j->nsp, private_id, offset, on_connect_answer, j);
        if (j->question != NULL)
            return;
    }
    if (state != NULL)
        connect_finish(j, SIO_ACCEPT, state);
    else
        join_as_new(j);
}

static void
look_for_state(sio_joining *j)
{
    sio_return_queue_add(&j->nsp->env->io->recovery.queue, &j->returning);
}

static void
on_connect_answer(void *owner)
{
    sio_joining *j = owner;

    j->question = NULL;
    look_for_state(j);
}

/* --- Asking the application. --- */

/*
 * Of a namespace with its number: the one that sio_namespace_authorization() has set comes first.
 */
static bool
middleware_at(const sio_namespace *nsp, unsigned i, sio_middleware *m)
{
    if (nsp->authorize != NULL && i-- == 0)
        *m = (sio_middleware){nsp->authorize, nsp->authorize_arg};
    else if (i < nsp->n_guards)
        *m = nsp->guards[i];
    else
        return false;
    return true;
}

/* Who is to be asked next, those of the parent first; false: nobody. */
static bool
next_middleware(sio_joining *j, sio_middleware *m)
{
    const sio_namespace *parent = j->nsp->parent;
    const unsigned       i = j->n_asked++;
    const unsigned       n_first = parent != NULL ? parent->n_guards : 0;

    if (i < n_first)
        *m = parent->guards[i];
    return i < n_first || middleware_at(j->nsp, i - n_first, m);
}

static void ask_next(sio_joining *j, const sio_middleware *m);

static void
on_connect_verdict(void *owner, sio_verdict verdict)
{
    sio_joining   *j = owner;
    sio_middleware m;

    if (verdict == SIO_ACCEPT && next_middleware(j, &m)) {
        ask_next(j, &m);
        return;
    }

    j->is_accepted = verdict == SIO_ACCEPT;
    if (!j->is_accepted || !comes_back(j)) {
        connect_finish(j, verdict, NULL);
        return;
    }
    j->decision = NULL;
    look_for_state(j);
}

/* What it says can not be kept: rc of sio_joining_new(). */
static void
refuse_words(sio_session *session, const sio_namespace *nsp, int rc)
{
    const sio_packet p = {
        .type = SIO_PACKET_REFUSED,
        .nsp = nsp->name,
        .text = sio_view_of(rc == SIO_BAD ? "U+0000 in auth or query" : "auth is too long"),
    };

    if (rc == SIO_BAD || rc == SIO_TOO_LARGE) {
        nsp->env->stats.bad_packets++;
        sio_packet_send(session, &p, false);
    } else {
        send_plain(session, SIO_PACKET_FAILED, nsp);
    }
}

/* Without an id that could be told, there will be no socket either. */
static void
ask_whom(sio_joining *j, const sio_middleware *m, void (*done)(void *owner, sio_verdict verdict))
{
    const char        *id = m->fn != NULL && sio_joining_make_id(j) == SIO_OK ? j->id.data : NULL;
    const sio_question q = {
        .fn = m->fn,
        .arg = m->arg,
        .handshake_json =
            j->handshake != NULL ? j->handshake : sio_client_of(j->session)->handshake,
        .auth_json = j->auth,
        .id = id,
        .transport = &j->session->transport_name,
        .pass = j->pass,
        .nsp = j->nsp,
    };

    sio_authorization_ask(&j->decision, &q, done, j);
}

static void
ask_next(sio_joining *j, const sio_middleware *m)
{
    ask_whom(j, m, on_connect_verdict);
}

/* The first of them; without any it is accepted. */
static void
ask(sio_joining *j)
{
    sio_middleware m = {NULL, NULL};

    (void)next_middleware(j, &m);
    ask_next(j, &m);
}

/* The guard has let it in. */
static void
begin_join(sio_joining *j)
{
    if (comes_back(j) && j->nsp->env->cfg->skip_middlewares)
        look_for_state(j);
    else
        ask(j);
}

static void
on_guard_verdict(void *owner, sio_verdict verdict)
{
    sio_joining *j = owner;

    if (verdict != SIO_ACCEPT) {
        connect_finish(j, verdict, NULL);
        return;
    }
    j->pass = sio_authorization_pass(j->decision);
    j->decision = NULL;
    begin_join(j);
}

static void
ask_guard(sio_joining *j)
{
    const sio_io        *io = j->nsp->env->io;
    const sio_middleware m = {io->guard->admit, io->guard_arg};

    ask_whom(j, &m, on_guard_verdict);
}

void
sio_connect_join(sio_namespace *nsp, sio_session *session, sio_view auth, sio_view query)
{
    sio_socket  *joined = sio_socket_of_session(session, nsp->name);
    sio_joining *j;
    int          rc;

    if (joined != NULL) {
        sio_admission_confirm(joined);
        return;
    }
    if (sio_connect_is_pending(session, nsp))
        return; /* asked already */
    if ((rc = sio_joining_new(nsp, session, auth, query, &j)) != SIO_OK) {
        refuse_words(session, nsp, rc);
        return;
    }
    j->returning.serve = recover;
    if (sio_guard_asks(nsp->env))
        ask_guard(j);
    else
        begin_join(j);
}

int
sio_use(sio_namespace *nsp, sio_authorize_fn fn, void *arg)
{
    sio_middleware *guards = realloc(nsp->guards, (nsp->n_guards + 1) * sizeof *guards);

    if (guards == NULL)
        return sio_env_fail_memory(nsp->env);
    nsp->guards = guards;
    nsp->guards[nsp->n_guards++] = (sio_middleware){fn, arg};
    return 0;
}

void
sio_namespace_authorization(sio_namespace *nsp, sio_authorize_fn fn, void *arg)
{
    nsp->authorize = fn;
    nsp->authorize_arg = arg;
}
