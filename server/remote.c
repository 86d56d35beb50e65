#include "server/remote.h"

#include <stdlib.h>
#include <string.h>

#include "server/locate.h"
#include "server/mailbox.h"
#include "server/node09.h"
#include "server/opening.h"
#include "server/post.h"
#include "server/server.h"
#include "server/session.h"

/* What may be on its way to one sink; more waits until that has written some. */
enum { MAX_AWAY_BYTES = 256 * 1024 };

/* How a channel is found: by the instance that has the connection, and its number there. */
typedef struct {
    char     tag[SIO_STORE_TAG_LEN];
    char     unused[2];
    uint64_t number;
} channel_key;

typedef struct {
    sio_channel   channel;
    sio_transport transport; /* that of the sink, but for what is done here */
    sio_hash_node node;      /* in cluster.channels */
    channel_key   key;
    sio_link      link; /* in peer->channels */
    sio_peer     *peer;
    sio_promise   served;      /* the mailbox, also after it has left the channel */
    uint32_t      n_away;      /* the oldest packets of the queue, sent and not confirmed */
    uint64_t      n_confirmed; /* packets written by the sink, since it opened */
} remote_channel;

/* A request of a sink, while the session is being looked for. */
typedef struct {
    sio_search           search;
    sio_link             link; /* in peer->requests */
    sio_peer            *peer; /* where the client is */
    sio_peer            *from; /* who sent the request: the same, or the home of the session */
    const sio_transport *transport;
    uint64_t             number;
    uint8_t              kind;
    bool                 was_forwarded;
    bool                 is_closed; /* the client did not wait */
    size_t               body_len;
    char                 body[];
} request;

static remote_channel *
remote_of(sio_channel *ch)
{
    return SIO_CONTAINER(ch, remote_channel, channel);
}

/* --- The channel. --- */

static sio_session *
session_of(sio_mailbox *m)
{
    return SIO_CONTAINER(m, sio_session, mailbox);
}

static void
tell_sink(const remote_channel *r, sio_mailbox *mailbox, sio_cluster_message *m)
{
    if (mailbox != NULL)
        m->id = session_of(mailbox)->node.key;
    m->channel = r->key.number;
    sio_peer_send(r->peer, m);
}

static void
channel_free(remote_channel *r)
{
    sio_promise_drop(&r->served);
    sio_hash_remove(&r->peer->server->cluster.channels, &r->node);
    sio_link_remove(&r->link);
    free(r);
}

/* Send packets of the queue, up to `end` and about max_bytes. Returns where it has stopped. */
static uint32_t
send_packets(remote_channel *r, sio_mailbox *mailbox, sio_cluster_message *m, uint32_t end,
             size_t max_bytes)
{
    sio_buf *list = &mailbox->server->batch;
    uint32_t i = r->n_away;

    sio_buf_clear(list);
    for (; i < end && list->len < max_bytes; i++)
        sio_cluster_packets_add(list, sio_frame_message(sio_outq_at(&mailbox->queue, i)), false);
    if (list->failed) {
        sio_mailbox_fail(mailbox, "out of memory");
        return r->n_away;
    }
    m->packets = sio_buf_view(list);
    tell_sink(r, mailbox, m);
    return i;
}

/* A poll takes one batch. A stream takes more as soon as it has written what it got. */
static void
flush(sio_channel *ch)
{
    remote_channel     *r = remote_of(ch);
    sio_mailbox        *mailbox = ch->mailbox;
    sio_cluster_message m = {.kind = SIO_CM_PACKETS};
    const uint32_t      end =
        r->transport.lasting ? mailbox->queue.n_frames : sio_mailbox_poll_size(mailbox);

    if (r->n_away == 0)
        r->n_away = send_packets(r, mailbox, &m, end, MAX_AWAY_BYTES);
}

/* Until the sink has said what it wrote, the next channel gets nothing: it might come twice. */
static void
step_aside(sio_channel *ch)
{
    remote_channel     *r = remote_of(ch);
    sio_cluster_message m = {.kind = SIO_CM_ASIDE};

    tell_sink(r, r->served.mailbox, &m);
    if (r->n_away > 0)
        r->served.mailbox->n_away = r->n_away;
    else
        channel_free(r);
}

static bool
finish(sio_channel *ch)
{
    remote_channel     *r = remote_of(ch);
    sio_mailbox        *mailbox = ch->mailbox;
    sio_cluster_message m = {.kind = SIO_CM_FINISH, .flags = mailbox->tidy ? SIO_CM_GOODBYE : 0};

    if (r->n_away > 0 && !r->transport.lasting)
        return false; /* the answer to the poll is on its way */
    (void)send_packets(r, mailbox, &m, mailbox->queue.n_frames, SIZE_MAX);
    sio_mailbox_leave(mailbox);
    channel_free(r);
    return true;
}

static sio_view
view_of_key(const channel_key *key)
{
    return (sio_view){(const char *)key, sizeof *key};
}

static channel_key
key_of(const sio_peer *peer, uint64_t number)
{
    channel_key key = {.number = number};

    memcpy(key.tag, peer->tag, sizeof key.tag);
    return key;
}

static remote_channel *
channel_new(sio_peer *peer, uint64_t number, const sio_transport *transport)
{
    remote_channel *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->transport = *transport;
    r->transport.flush = flush;
    r->transport.step_aside = step_aside;
    r->transport.finish = finish;
    r->channel.transport = &r->transport;
    r->key = key_of(peer, number);
    r->node.key = view_of_key(&r->key);
    r->peer = peer;
    sio_link_init(&r->link);
    sio_link_append(&peer->channels, &r->link);
    sio_hash_insert(&peer->server->cluster.channels, &r->node);
    return r;
}

static remote_channel *
find_channel(const sio_peer *peer, uint64_t number)
{
    const channel_key key = key_of(peer, number);
    sio_hash_node    *node = sio_hash_find(&peer->server->cluster.channels, view_of_key(&key));

    return node != NULL ? SIO_CONTAINER(node, remote_channel, node) : NULL;
}

/* --- What the sink says about it. --- */

/* It has written `count` packets since it opened. */
static void
confirm(remote_channel *r, uint64_t count)
{
    sio_mailbox   *m = r->served.mailbox;
    const uint64_t n = count - r->n_confirmed;

    if (m == NULL || n > r->n_away || (r->channel.mailbox == NULL && m->n_away == 0))
        return; /* the session is over; or a sink that can not count */
    sio_outq_drop(&m->queue, (uint32_t)n);
    r->n_away -= (uint32_t)n;
    r->n_confirmed = count;
    if (r->channel.mailbox == NULL)
        m->n_away -= (uint32_t)n;
}

static void
hear_wrote(remote_channel *r, const sio_cluster_message *m)
{
    confirm(r, m->count);
    if (r->channel.mailbox != NULL)
        sio_mailbox_wake(r->channel.mailbox);
}

/* Packets that it did not write leave again through the next channel. */
static void
hear_closed(remote_channel *r, const sio_cluster_message *m)
{
    sio_channel *ch = &r->channel;
    sio_mailbox *mailbox = r->served.mailbox;
    char         reason[64] = "";

    confirm(r, m->count);
    if (m->reason.len < sizeof reason)
        memcpy(reason, m->reason.data != NULL ? m->reason.data : "", m->reason.len);
    sio_promise_drop(&r->served);
    if (ch->mailbox != NULL) {
        if (reason[0] != '\0')
            sio_mailbox_lost(ch, reason);
        else
            sio_mailbox_detach(ch);
    } else if (mailbox != NULL) {
        mailbox->n_away = 0;
        sio_mailbox_wake(mailbox);
    }
    channel_free(r);
}

/* --- Requests. --- */

static void
request_free(request *q)
{
    sio_link_remove(&q->link);
    free(q);
}

static void
answer(sio_peer *peer, uint8_t kind, const char *id, uint64_t number)
{
    sio_cluster_message m = {.kind = kind, .id = sio_view_of(id), .channel = number};

    if (number != 0)
        sio_peer_send(peer, &m);
}

/*
 * A sink that asked the home learns at once who has the session: were the home to die, the sink could
 * tell nobody of its end.
 */
static void
serve_open(const request *q, sio_session *session)
{
    remote_channel     *r = q->is_closed ? NULL : channel_new(q->peer, q->number, q->transport);
    sio_cluster_message m = {.kind = SIO_CM_PACKETS}; /* none */

    if (r == NULL) { /* the sink has gone already; or there is no memory, and it will */
        answer(q->peer, SIO_CM_UNKNOWN, q->search.id, q->number);
        sio_session_await_channel(session);
        return;
    }
    sio_promise_make(&r->served, &session->mailbox);
    if (q->was_forwarded)
        tell_sink(r, &session->mailbox, &m);
    sio_mailbox_attach(&session->mailbox, &r->channel);
}

static void
serve_post(const request *q, sio_session *session)
{
    const sio_view body = {q->body, q->body_len};

    sio_post_receive(q->transport, session, body);
    sio_session_await_channel(session);
    answer(q->peer, SIO_CM_POSTED, q->search.id, q->number);
}

static void
on_here(sio_search *search, sio_session *session, bool is_new)
{
    request *q = SIO_CONTAINER(search, request, search);

    if (is_new)
        sio_session_connect(session, q->transport->name);
    if (q->kind == SIO_CM_OPEN)
        serve_open(q, session);
    else
        serve_post(q, session);
    request_free(q);
}

static void
on_unknown(sio_search *search)
{
    request *q = SIO_CONTAINER(search, request, search);

    if (q->kind == SIO_CM_POST)
        sio_node09_relay_post(search->server, sio_view_of(search->id), q->transport,
                              (sio_view){q->body, q->body_len});
    answer(q->peer, q->kind == SIO_CM_OPEN ? SIO_CM_UNKNOWN : SIO_CM_POSTED, search->id, q->number);
    request_free(q);
}

/* Once only, and not back: instances that think of each other must not keep a request going. */
static void
on_elsewhere(sio_search *search, sio_peer *owner)
{
    request            *q = SIO_CONTAINER(search, request, search);
    sio_cluster_message m = {
        .kind = q->kind,
        .id = sio_view_of(search->id),
        .origin = sio_view_of(q->peer->tag),
        .channel = q->number,
        .transport = sio_view_of(q->transport->name),
        .body = {q->body, q->body_len},
    };

    if (q->was_forwarded || owner == q->from) {
        on_unknown(search);
        return;
    }
    sio_peer_send(owner, &m);
    request_free(q);
}

static const sio_search_ops search_ops = {
    .here = on_here,
    .elsewhere = on_elsewhere,
    .unknown = on_unknown,
};

/* The instance where the client is. */
static sio_peer *
sink_peer(sio_peer *peer, const sio_cluster_message *m)
{
    return m->origin.len > 0 ? sio_peer_meet(peer->server, m->origin) : peer;
}

static void
hear_request(sio_peer *peer, const sio_cluster_message *m)
{
    const sio_transport *transport = sio_transport_find(m->transport);
    sio_peer            *at = sink_peer(peer, m);
    request             *q;

    if (transport == NULL || at == NULL)
        return;
    if ((q = calloc(1, sizeof *q + m->body.len)) == NULL) {
        answer(at, m->kind == SIO_CM_OPEN ? SIO_CM_UNKNOWN : SIO_CM_POSTED, "", m->channel);
        return;
    }
    q->peer = at;
    q->from = peer;
    q->transport = transport;
    q->number = m->channel;
    q->kind = m->kind;
    q->was_forwarded = m->origin.len > 0;
    q->body_len = m->body.len;
    if (m->body.len > 0)
        memcpy(q->body, m->body.data, m->body.len);
    sio_link_init(&q->link);
    sio_link_append(&at->requests, &q->link);
    sio_locate(&q->search, peer->server, m->id,
               m->kind == SIO_CM_POST ? SIO_FOR_POST : SIO_FOR_POLL, &search_ops);
}

/* The home is told by a sink that has not heard of the owner; that is found by what it forwarded. */
static void
pass_on(sio_peer *peer, const sio_cluster_message *m)
{
    sio_cluster_message copy = *m;
    sio_peer           *owner = sio_forward_find(peer->server, m->id);

    if (owner == NULL || m->origin.len > 0)
        return;
    copy.origin = sio_view_of(peer->tag);
    sio_peer_send(owner, &copy);
}

/* The client did not wait for its session to be found. */
static void
note_closed(sio_peer *at, uint64_t number)
{
    for (sio_link *l = at->requests.next; l != &at->requests; l = l->next) {
        request *q = SIO_CONTAINER(l, request, link);

        if (q->kind == SIO_CM_OPEN && q->number == number)
            q->is_closed = true;
    }
}

static void
hear_about_channel(sio_peer *peer, const sio_cluster_message *m)
{
    sio_peer       *at = sink_peer(peer, m);
    remote_channel *r = at != NULL ? find_channel(at, m->channel) : NULL;

    if (r != NULL && m->kind == SIO_CM_WROTE)
        hear_wrote(r, m);
    else if (r != NULL)
        hear_closed(r, m);
    else if (at != NULL) {
        note_closed(at, m->channel);
        pass_on(peer, m);
    }
}

static void
hear_end(sio_peer *peer, const sio_cluster_message *m)
{
    if (sio_forward_find(peer->server, m->id) != NULL)
        pass_on(peer, m);
    else
        sio_open_end(peer->server, m->id);
}

void
sio_remote_hear(sio_peer *peer, const sio_cluster_message *m)
{
    switch (m->kind) {
    case SIO_CM_OPEN:
    case SIO_CM_POST:
        hear_request(peer, m);
        break;
    case SIO_CM_END:
        hear_end(peer, m);
        break;
    default: /* WROTE, CLOSED */
        hear_about_channel(peer, m);
        break;
    }
}

/* --- The end of a peer. --- */

static void
channel_gone(remote_channel *r)
{
    sio_channel *ch = &r->channel;
    sio_mailbox *mailbox = r->served.mailbox;
    const bool   is_unsure = r->n_away > 0;

    sio_promise_drop(&r->served);
    if (ch->mailbox != NULL)
        sio_mailbox_lost(ch, "connection lost");
    if (mailbox != NULL && is_unsure) {
        mailbox->n_away = 0;
        mailbox->owner->failed(mailbox, "connection lost");
    }
    channel_free(r);
}

void
sio_remote_peer_gone(sio_peer *peer)
{
    while (!sio_link_empty(&peer->channels))
        channel_gone(SIO_CONTAINER(peer->channels.next, remote_channel, link));
    while (!sio_link_empty(&peer->requests)) {
        request *q = SIO_CONTAINER(peer->requests.next, request, link);

        sio_search_cancel(&q->search);
        request_free(q);
    }
}
