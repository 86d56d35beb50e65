#include "server/roaming/owner_request.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/roaming/directory.h"
#include "server/roaming/ending.h"
#include "server/roaming/foreign.h"
#include "server/roaming/owner_channel.h"
#include "server/roaming/owner_engine.h"
#include "server/roaming/owner_post.h"
#include "server/roaming/roaming.h"
#include "server/transport/post09.h"

/* A request of a sink, while the session is being looked for. */
typedef struct {
    sio_search           search;
    sio_link             link; /* in peer->lists[SIO_PEER_REQUESTS] */
    sio_peer            *peer; /* where the client is */
    sio_peer            *from; /* who sent the request: the same, or the home of the session */
    const sio_transport *transport;
    uint64_t             number;
    uint64_t             count; /* of MAY_POST: bytes */
    uint8_t              kind;
    bool                 was_forwarded;
    bool                 is_closed; /* the client did not wait */
    size_t               body_len;
    char                 body[];
} request;

static void
owner_request_free(request *q)
{
    sio_link_remove(&q->link);
    free(q);
}

static void
owner_request_answer(sio_peer *peer, uint8_t kind, const char *id, uint64_t number)
{
    sio_owner_channel_answer_request(peer, kind, sio_view_of(id), number, SIO_EIO_ACCEPTED);
}

/*
 * A sink that asked the home learns at once who has the session: were the home to die, the sink
 * could tell nobody of its end. And what the client says on a stream waits for that word.
 */
static void
serve_open(const request *q, sio_session *session)
{
    sio_owner_channel *r =
        q->is_closed ? NULL
                     : sio_owner_channel_new(q->peer, q->number, q->transport->channel, session);

    if (r == NULL) { /* the sink has gone already; or there is no memory, and it will */
        owner_request_answer(q->peer, SIO_CM_UNKNOWN, q->search.id, q->number);
        sio_session_await_channel(session);
        return;
    }
    if (q->was_forwarded || q->transport->channel->lasting)
        sio_owner_channel_greet(r);
    sio_owner_channel_attach(r);
}

static void
serve_post(const request *q, sio_session *session)
{
    const sio_view body = {q->body, q->body_len};

    sio_owner_post_answer(q->peer, session, q->number);
    sio_post09_receive(q->transport, session, body);
    sio_session_await_channel(session);
}

/* It begins now if it is new, as it would with the POST itself. */
static void
serve_may_post(const request *q, sio_session *session)
{
    sio_session_await_channel(session);
    owner_request_answer(q->peer, SIO_CM_READY, q->search.id, q->number);
}

static void on_owner_request_unknown(sio_search *search);

static void
on_owner_request_here(sio_search *search, sio_session *session, bool is_new)
{
    request *q = SIO_CONTAINER(search, request, search);

    if (sio_session_is_engine_io(session)) {
        on_owner_request_unknown(search); /* of Engine.IO: not to be reached so */
        return;
    }
    if (is_new)
        sio_session_connect(session, q->transport->channel);
    if (q->kind == SIO_CM_OPEN)
        serve_open(q, session);
    else if (q->kind == SIO_CM_MAY_POST)
        serve_may_post(q, session);
    else
        serve_post(q, session);
    owner_request_free(q);
}

/* Others may know the session: then even a large POST is wanted. */
static uint8_t
answer_of_unknown(const request *q)
{
    if (q->kind == SIO_CM_POST)
        return SIO_CM_POSTED;
    if (q->kind == SIO_CM_MAY_POST && q->search.env->roaming->foreign != NULL)
        return SIO_CM_READY;
    return SIO_CM_UNKNOWN;
}

static void
on_owner_request_unknown(sio_search *search)
{
    const sio_foreign *foreign = search->env->roaming->foreign;
    request           *q = SIO_CONTAINER(search, request, search);

    if (q->kind == SIO_CM_POST && foreign != NULL)
        foreign->post(search->env, sio_view_of(search->id), q->transport,
                      (sio_view){q->body, q->body_len});
    owner_request_answer(q->peer, answer_of_unknown(q), search->id, q->number);
    owner_request_free(q);
}

/* Once only, and not back: instances that think of each other must not keep a request going. */
static void
on_owner_request_elsewhere(sio_search *search, sio_peer *owner)
{
    request            *q = SIO_CONTAINER(search, request, search);
    sio_cluster_message m = {
        .kind = q->kind,
        .id = sio_view_of(search->id),
        .origin = sio_view_of(q->peer->tag),
        .channel = q->number,
        .count = q->count,
        .transport = sio_view_of(q->transport->channel->name),
        .body = {q->body, q->body_len},
    };

    if (q->was_forwarded || owner == q->from) {
        on_owner_request_unknown(search);
        return;
    }
    sio_peer_send(owner, &m);
    owner_request_free(q);
}

static const sio_search_ops search_ops = {
    .here = on_owner_request_here,
    .elsewhere = on_owner_request_elsewhere,
    .unknown = on_owner_request_unknown,
};

/* The instance where the client is. */
static sio_peer *
sink_peer(sio_peer *peer, const sio_cluster_message *m)
{
    return m->origin.len > 0 ? sio_peer_meet(peer->env, m->origin) : peer;
}

/* Out of memory. A message must not be missing among others of its session, so that ends. */
static void
refuse_request(sio_peer *at, const sio_cluster_message *m)
{
    sio_session *session = sio_session_find(at->env, m->id);

    sio_log_error(&at->env->log, NULL, "out of memory: a request of instance %s is lost", at->tag);
    if (m->kind == SIO_CM_POST && session != NULL && !sio_session_is_engine_io(session))
        sio_mailbox_fail(&session->mailbox, "out of memory");
    owner_request_answer(at, m->kind == SIO_CM_POST ? SIO_CM_POSTED : SIO_CM_UNKNOWN, "",
                         m->channel);
}

static void
hear_request(sio_peer *peer, const sio_cluster_message *m)
{
    const sio_transport *transport = sio_transport_find(m->transport);
    sio_peer            *at = sink_peer(peer, m);
    request             *q;

    if (transport == NULL || at == NULL)
        return;
    if (!sio_utf8_valid(m->body)) { /* no instance sends that */
        peer->env->stats.bad_messages++;
        return;
    }
    if ((q = calloc(1, sizeof *q + m->body.len)) == NULL) {
        refuse_request(at, m);
        return;
    }
    q->peer = at;
    q->from = peer;
    q->transport = transport;
    q->number = m->channel;
    q->count = m->count;
    q->kind = m->kind;
    q->was_forwarded = m->origin.len > 0;
    q->body_len = m->body.len;
    if (m->body.len > 0)
        memcpy(q->body, m->body.data, m->body.len);
    sio_link_init(&q->link);
    sio_link_append(&at->lists[SIO_PEER_REQUESTS], &q->link);
    sio_directory_locate(&q->search, peer->env, m->id,
                         m->kind == SIO_CM_OPEN ? SIO_FOR_POLL : SIO_FOR_POST, &search_ops);
}

/*
 * The home is told by a sink that has not heard of the owner; that is found by what it forwarded.
 */
static void
owner_request_pass_on(sio_peer *peer, const sio_cluster_message *m)
{
    sio_cluster_message copy = *m;
    sio_peer           *owner = sio_directory_find_forward(peer->env, m->id);

    if (owner == NULL || m->origin.len > 0)
        return;
    copy.origin = sio_view_of(peer->tag);
    sio_peer_send(owner, &copy);
}

/* The client did not wait for its session to be found. */
static void
note_closed(sio_peer *at, uint64_t number)
{
    for (sio_link *l = at->lists[SIO_PEER_REQUESTS].next; l != &at->lists[SIO_PEER_REQUESTS];
         l = l->next) {
        request *q = SIO_CONTAINER(l, request, link);

        if (q->kind == SIO_CM_OPEN && q->number == number)
            q->is_closed = true;
    }
}

static void
hear_about_channel(sio_peer *peer, const sio_cluster_message *m)
{
    sio_peer          *at = sink_peer(peer, m);
    sio_owner_channel *r = at != NULL ? sio_owner_channel_find(at, m->channel) : NULL;

    if (r != NULL)
        sio_owner_channel_hear(r, m);
    else if (at != NULL && m->kind == SIO_CM_CLOSED) {
        note_closed(at, m->channel);
        owner_request_pass_on(peer, m);
    }
}

static void
owner_request_hear_end(sio_peer *peer, const sio_cluster_message *m)
{
    if (sio_directory_find_forward(peer->env, m->id) != NULL)
        owner_request_pass_on(peer, m);
    else
        sio_ending_begin(peer->env, m->id);
}

static void
owner_request_hear(sio_peer *peer, const sio_cluster_message *m)
{
    switch (m->kind) {
    case SIO_CM_OPEN:
    case SIO_CM_MAY_POST:
    case SIO_CM_POST:
        if (m->revision != 0)
            sio_owner_engine_hear(peer, m);
        else
            hear_request(peer, m);
        break;
    case SIO_CM_PROBE:
        sio_owner_engine_hear(peer, m);
        break;
    case SIO_CM_END:
        owner_request_hear_end(peer, m);
        break;
    default: /* WROTE, CLOSED, UPGRADING, MESSAGE */
        hear_about_channel(peer, m);
        break;
    }
}

/* --- The end of a peer. --- */

static bool
owner_request_awaits(const sio_peer *peer)
{
    return sio_owner_channel_first(peer) != NULL;
}

/*
 * A client whose poll went through it has come here, or to another instance, and hears nothing
 * while it is not known what was written. Other connections that it held are known to be closed by
 * whoever had them; their sessions wait until it is gone.
 */
static void
owner_request_peer_away(sio_peer *peer)
{
    sio_owner_channel *r;

    while ((r = sio_owner_channel_unsure(peer)) != NULL)
        sio_owner_channel_give_up(r);
}

/*
 * It is gone with the connections that it held. A session whose packets were on their way ends,
 * because they may have arrived; the others wait for the next request of their clients.
 */
static void
owner_request_peer_gone(sio_peer *peer)
{
    sio_owner_channel *r;

    while ((r = sio_owner_channel_first(peer)) != NULL)
        sio_owner_channel_gone(r);
    while (!sio_link_empty(&peer->lists[SIO_PEER_REQUESTS])) {
        request *q = SIO_CONTAINER(peer->lists[SIO_PEER_REQUESTS].next, request, link);

        sio_directory_cancel(&q->search);
        owner_request_free(q);
    }
}

static const char kinds[] = {
    SIO_CM_OPEN,   SIO_CM_MAY_POST, SIO_CM_POST,      SIO_CM_END,     SIO_CM_WROTE,
    SIO_CM_CLOSED, SIO_CM_PROBE,    SIO_CM_UPGRADING, SIO_CM_MESSAGE, 0};

const sio_cluster_module sio_owner_request_module = {
    .kinds = kinds,
    .hear = owner_request_hear,
    .awaits = owner_request_awaits,
    .peer_away = owner_request_peer_away,
    .peer_gone = owner_request_peer_gone,
};
