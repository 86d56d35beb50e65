#include "server/socketio/connect.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/authorization.h"
#include "server/socketio/client.h"
#include "server/socketio/dialects.h"
#include "server/socketio/guard.h"
#include "server/socketio/handshake_record.h"
#include "server/socketio/io.h"
#include "server/socketio/observer.h"
#include "server/socketio/packet.h"
#include "server/socketio/recovery.h"
#include "server/socketio/socket.h"
#include "store/clock.h"

enum { MAX_WORD = 64 /* of a client that comes back: longer than any that we give */ };

/*
 * A session that waits to be let in: for the application, or for what another instance has of it.
 */
typedef struct {
    sio_link               link; /* in client->joins */
    sio_namespace         *nsp;
    sio_session           *session;
    sio_decision          *decision;
    sio_pass               pass; /* of the guard */
    bool                   is_accepted;
    sio_recovery_question *question;
    bool                   was_asked_for; /* to other instances */
    sio_returning          returning;
    sio_recovery_missed    missed;     /* as it is let in */
    sio_buf                private_id; /* of a client that comes back, if any */
    sio_buf                offset;
    sio_buf                id;         /* of the socket that it may become, and a NUL */
    bool                   has_own_id; /* it is not that of the session */
    char                  *auth;       /* likewise */
    char                  *handshake;  /* likewise */
    unsigned               n_asked;    /* of those who guard the namespace */
} pending_join;

static void
free_join(pending_join *j)
{
    sio_link_remove(&j->link);
    sio_link_remove(&j->returning.link);
    if (j->question != NULL)
        j->nsp->env->io->recovery.remote->abandon(j->question);
    sio_guard_free_pass(j->nsp->env, j->pass.what);
    sio_buf_fini(&j->private_id);
    sio_buf_fini(&j->offset);
    sio_buf_fini(&j->id);
    free(j->auth);
    free(j->handshake);
    sio_namespace_release(j->nsp);
    free(j);
}

bool
sio_connect_is_pending(sio_session *session, const sio_namespace *nsp)
{
    sio_link *joins = &sio_client_of(session)->joins;

    for (sio_link *l = joins->next; l != joins; l = l->next)
        if (SIO_CONTAINER(l, pending_join, link)->nsp == nsp)
            return true;
    return false;
}

void
sio_connect_abandon(sio_session *session)
{
    sio_link *joins = &sio_client_of(session)->joins;

    while (!sio_link_empty(joins)) {
        pending_join *j = SIO_CONTAINER(joins->next, pending_join, link);

        sio_authorization_abandon(j->decision);
        free_join(j);
    }
}

static void
send_plain(sio_session *session, sio_packet_type type, const sio_namespace *nsp)
{
    const sio_packet p = {.type = type, .nsp = nsp->name};

    sio_packet_send(session, &p, false);
}

static void
send_refusal(const pending_join *j, sio_verdict verdict)
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
    sio_link *sockets = &sio_client_of(session)->sockets;

    for (sio_link *l = sockets->next; l != sockets; l = l->next)
        if (SIO_CONTAINER(l, sio_socket, in_session)->connected)
            return true;
    return false;
}

/* Clients come back by themselves when their connection ends, but not when they are refused. */
static void
turn_away(pending_join *j)
{
    sio_session *session = j->session;

    if (sio_packet_dialect_of(session)->returns_once_connected)
        send_plain(session, SIO_PACKET_CONNECT, j->nsp);
    free_join(j);
    sio_session_end(session, "backend unavailable", false);
}

/* What the client has to know: the id that it has here, and how to come back. */
static void
send_connect(const sio_socket *socket)
{
    sio_packet p = {.type = SIO_PACKET_CONNECT, .nsp = socket->nsp->name};
    sio_buf    data;

    sio_buf_init(&data, SIZE_MAX);
    sio_buf_add_str(&data, "{\"sid\":");
    sio_buf_add_json_string(&data, sio_socket_id(socket), SIO_JSON_PLAIN);
    if (socket->recovery != NULL) {
        sio_buf_add_str(&data, ",\"pid\":");
        sio_buf_add_json_string(&data, sio_view_of(socket->recovery->private_id), SIO_JSON_PLAIN);
    }
    sio_buf_add_char(&data, '}');
    p.data = sio_buf_view(&data);
    if (data.failed)
        sio_mailbox_fail(&socket->session->mailbox, "out of memory");
    else
        sio_packet_send(socket->session, &p, false);
    sio_buf_fini(&data);
}

/* An id of its own, or that of its session; made once, as the application may have been told. */
static int
make_id(pending_join *j)
{
    const sio_packet_dialect *dialect = sio_packet_dialect_of(j->session);
    int                       rc = SIO_OK;

    if (j->id.len > 0)
        return SIO_OK;
    if (dialect->add_socket_id != NULL)
        rc = dialect->add_socket_id(j->session, j->nsp->name, &j->id);
    j->has_own_id = j->id.len > 0;
    if (!j->has_own_id)
        sio_buf_add_view(&j->id, j->session->node.key);
    sio_buf_add_char(&j->id, '\0');
    if (rc == SIO_OK && !j->id.failed)
        return SIO_OK;
    sio_buf_fini(&j->id);
    return SIO_ERR_NOMEM;
}

/* state: with the id that it had; NULL: as made above. */
static sio_socket *
socket_new(pending_join *j, const sio_recovery_state *state)
{
    sio_view    id = SIO_VIEW("");
    sio_socket *socket;

    if (state != NULL)
        id = sio_view_of(state->id);
    else if (make_id(j) != SIO_OK)
        return NULL;
    else if (j->has_own_id)
        id = (sio_view){j->id.data, j->id.len - 1};
    if ((socket = calloc(1, sizeof *socket + id.len + 1)) == NULL)
        return NULL;
    socket->node.key = id.len > 0 ? (sio_view){socket->own_id, id.len} : j->session->node.key;
    memcpy(socket->own_id, id.data, id.len);
    if (!sio_guard_keep_pass(socket, &j->pass)) {
        free(socket);
        return NULL;
    }
    j->pass.what = NULL;
    return socket;
}

/* How long it took, for the first namespace alone. */
static void
measure_connect(sio_session *s)
{
    sio_client    *client = sio_client_of(s);
    const uint64_t ms = sio_timer_wheel_now_ms(&s->env->timers) - s->made_ms;

    if (!client->has_joined)
        sio_histogram_add(&s->env->measures.connects[s->carried_by], ms * 1000);
    client->has_joined = true;
}

/* state: of a client that is back; NULL: it is new. */
static void
let_in(pending_join *j, sio_recovery_state *state)
{
    sio_namespace *nsp = j->nsp;
    sio_socket    *socket = socket_new(j, state);

    if (socket == NULL) {
        sio_log_limit_write(&nsp->env->log_limits, SIO_LOG_FAILURE, j->session->id,
                            "out of memory: namespace not joined");
        send_plain(j->session, SIO_PACKET_FAILED, nsp);
        return;
    }
    socket->nsp = sio_namespace_hold(nsp);
    socket->session = j->session;
    socket->auth = j->auth;
    socket->handshake = j->handshake;
    j->auth = j->handshake = NULL;
    sio_session_charge(j->session, sio_socket_cost(socket));
    socket->connected = true;
    socket->connected_ms = sio_epoch_ms();
    sio_link_init(&socket->in_namespace);
    sio_link_init(&socket->in_session);
    sio_link_init(&socket->memberships);
    sio_link_init(&socket->acks);
    sio_link_init(&socket->data_requests);
    sio_link_append(&nsp->sockets, &socket->in_namespace);
    ++*sio_namespace_count(nsp);
    measure_connect(j->session);
    sio_link_append(&sio_client_of(j->session)->sockets, &socket->in_session);
    if (socket->own_id[0] != '\0')
        sio_hash_insert(&nsp->ids, &socket->node);
    sio_observer_joined(socket);
    if (state != NULL)
        sio_recovery_resume(socket, state, &j->missed);
    else
        sio_recovery_begin(socket);
    send_connect(socket);
    sio_guard_joined(socket);
    if (nsp->on_connection != NULL)
        nsp->on_connection(socket, nsp->connection_arg);
}

/* It is settled. */
static void
connect_finish(pending_join *j, sio_verdict verdict, sio_recovery_state *state)
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
        let_in(j, state);
    else
        send_refusal(j, verdict);
    free_join(j);
    if (dialect->settled != NULL && !session->ended)
        dialect->settled(session, nsp);
}

/* --- Clients that come back. --- */

static bool
comes_back(const pending_join *j)
{
    return sio_packet_dialect_of(j->session)->recovers &&
           j->nsp->env->cfg->max_disconnection_ms > 0 && j->private_id.len > 0 && j->offset.len > 0;
}

static void ask(pending_join *j);
static void on_connect_answer(void *owner);

/* It is a client like any other. */
static void
join_as_new(pending_join *j)
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
    pending_join              *j = SIO_CONTAINER(returning, pending_join, returning);
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
look_for_state(pending_join *j)
{
    sio_return_queue_add(&j->nsp->env->io->recovery.queue, &j->returning);
}

static void
on_connect_answer(void *owner)
{
    pending_join *j = owner;

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
next_middleware(pending_join *j, sio_middleware *m)
{
    const sio_namespace *parent = j->nsp->parent;
    const unsigned       i = j->n_asked++;
    const unsigned       n_first = parent != NULL ? parent->n_guards : 0;

    if (i < n_first)
        *m = parent->guards[i];
    return i < n_first || middleware_at(j->nsp, i - n_first, m);
}

static void ask_next(pending_join *j, const sio_middleware *m);

static void
on_connect_verdict(void *owner, sio_verdict verdict)
{
    pending_join  *j = owner;
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

/*
 * Keep what the client says. SIO_OK, SIO_ERR_NOMEM, SIO_TOO_LARGE, or SIO_BAD: it would not be
 * whole as C strings.
 */
static int
keep_words(pending_join *j, sio_view auth, sio_view query)
{
    sio_json_field words[] = {{.name = SIO_VIEW("pid")}, {.name = SIO_VIEW("offset")}};
    sio_buf        handshake;

    if (auth.len + query.len > j->nsp->env->cfg->max_auth_bytes)
        return SIO_TOO_LARGE;
    if (auth.len > 0 && (j->auth = strndup(auth.data, auth.len)) == NULL)
        return SIO_ERR_NOMEM;
    if (sio_json_pick(auth, SIO_JSON_MAX_DEPTH, words, 2) == SIO_OK) {
        (void)sio_json_read_string(words[0].value, &j->private_id); /* others are none */
        (void)sio_json_read_string(words[1].value, &j->offset);
    }
    if (query.len == 0)
        return sio_json_read_has_nul(auth) ? SIO_BAD : SIO_OK;
    sio_buf_init(&handshake, SIZE_MAX);
    sio_handshake_record_requery(sio_view_of(sio_client_of(j->session)->handshake), query,
                                 &handshake);
    sio_buf_add_char(&handshake, '\0');
    if (handshake.failed) {
        sio_buf_fini(&handshake);
        return SIO_ERR_NOMEM;
    }
    j->handshake = handshake.data;
    return sio_json_read_has_nul(auth) || sio_json_read_has_nul(sio_buf_view(&handshake)) ? SIO_BAD
                                                                                          : SIO_OK;
}

/* It could not keep its words. */
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
ask_whom(pending_join *j, const sio_middleware *m, void (*done)(void *owner, sio_verdict verdict))
{
    const char        *id = m->fn != NULL && make_id(j) == SIO_OK ? j->id.data : NULL;
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
ask_next(pending_join *j, const sio_middleware *m)
{
    ask_whom(j, m, on_connect_verdict);
}

/* The first of them; without any it is accepted. */
static void
ask(pending_join *j)
{
    sio_middleware m = {NULL, NULL};

    (void)next_middleware(j, &m);
    ask_next(j, &m);
}

/* The guard has let it in. */
static void
begin_join(pending_join *j)
{
    if (comes_back(j) && j->nsp->env->cfg->skip_middlewares)
        look_for_state(j);
    else
        ask(j);
}

static void
on_guard_verdict(void *owner, sio_verdict verdict)
{
    pending_join *j = owner;

    if (verdict != SIO_ACCEPT) {
        connect_finish(j, verdict, NULL);
        return;
    }
    j->pass = sio_authorization_pass(j->decision);
    j->decision = NULL;
    begin_join(j);
}

static void
ask_guard(pending_join *j)
{
    const sio_io        *io = j->nsp->env->io;
    const sio_middleware m = {io->guard->admit, io->guard_arg};

    ask_whom(j, &m, on_guard_verdict);
}

void
sio_connect_join(sio_namespace *nsp, sio_session *session, sio_view auth, sio_view query)
{
    sio_socket   *joined = sio_socket_of_session(session, nsp->name);
    pending_join *j;
    int           rc;

    if (joined != NULL) {
        send_connect(joined);
        return;
    }
    if (sio_connect_is_pending(session, nsp))
        return; /* asked already */
    if ((j = calloc(1, sizeof *j)) == NULL) {
        send_plain(session, SIO_PACKET_FAILED, nsp);
        return;
    }
    j->nsp = sio_namespace_hold(nsp);
    j->session = session;
    sio_link_init(&j->link);
    sio_link_init(&j->returning.link);
    j->returning.serve = recover;
    sio_buf_init(&j->private_id, MAX_WORD);
    sio_buf_init(&j->offset, MAX_WORD);
    sio_buf_init(&j->id, SIZE_MAX);
    if ((rc = keep_words(j, auth, query)) != SIO_OK) {
        refuse_words(session, nsp, rc);
        free_join(j);
        return;
    }
    sio_link_append(&sio_client_of(session)->joins, &j->link);
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
