#include "server/sink.h"

#include <stdlib.h>
#include <string.h>

#include "server/answer.h"
#include "server/mailbox.h"
#include "server/post.h"
#include "server/server.h"
#include "server/session.h"

typedef struct {
    sio_mailbox          mailbox;
    sio_hash_node        node; /* in cluster.sinks */
    sio_link             link; /* in peer->sinks */
    sio_peer            *peer; /* the owner; until it was heard, the home; NULL: it is gone */
    const sio_transport *transport;
    uint64_t             number;
    uint64_t             n_received; /* packets of the owner */
    uint64_t             n_told;     /* of these, it knows to be written */
    sio_timer            timer;      /* an upgrade that does not become a channel */
    sio_task             release;
    bool                 closed;
    char                 id[SIO_SESSION_ID_MAX + 1];
} sink;

/*
 * How long a poll of a lost session waits, so that the client has the answer to its POST before: 0.9.16
 * keeps its goodbye to the old session while a POST is under way, and would say it to the next one.
 */
enum { ORPHAN_DELAY_MS = 1000 };

/* A POST that its owner has not confirmed. */
typedef struct {
    sio_hash_node node; /* in cluster.posts */
    sio_link      link; /* in peer->posts */
    uint64_t      number;
    sio_exchange *x;
    char         *origin;
    sio_timer     timer;
} relayed_post;

static sink *
sink_of(sio_mailbox *m)
{
    return SIO_CONTAINER(m, sink, mailbox);
}

static sio_view
number_key(const uint64_t *number)
{
    return (sio_view){(const char *)number, sizeof *number};
}

/* --- Messages to the owner. --- */

static void
tell_owner(const sink *k, sio_cluster_message *m)
{
    if (k->peer == NULL)
        return;
    m->id = sio_view_of(k->id);
    m->channel = k->number;
    sio_peer_send(k->peer, m);
}

static uint64_t
n_written(const sink *k)
{
    return k->n_received - k->mailbox.queue.n_frames;
}

static void
release(sio_task *task)
{
    sink *k = SIO_CONTAINER(task, sink, release);

    sio_mailbox_fini(&k->mailbox);
    free(k);
}

/* Its channel has gone. The owner is told, unless it has said so itself. */
static void
close_sink(sink *k)
{
    sio_server *s = k->mailbox.server;

    if (k->closed)
        return;
    k->closed = true;
    sio_hash_remove(&s->cluster.sinks, &k->node);
    sio_link_remove(&k->link);
    sio_timer_cancel(&s->wheel, &k->timer);
    s->stats.sinks--;
    sio_turn_defer(&s->turn, &k->release);
}

static void
close_and_tell(sink *k, const char *reason)
{
    sio_cluster_message m = {
        .kind = SIO_CM_CLOSED, .count = n_written(k), .reason = sio_view_of(reason)};

    if (k->closed)
        return;
    tell_owner(k, &m);
    close_sink(k);
}

/*
 * How long to wait for the first word of an owner. The home may have passed the request on to one that
 * was dead, and nobody tells us when that is found.
 */
static unsigned
patience_ms(const sio_server *s)
{
    return 2 * s->cfg.instance_timeout_ms;
}

/* While Redis was away nobody could answer; what was sent is kept, and sent again. */
static bool
is_patience_over(const sio_server *s)
{
    return s->cluster.up && sio_wheel_now_ms(&s->wheel) >= s->cluster.up_ms + patience_ms(s);
}

/* --- The mailbox. --- */

static void on_silence(sio_timer *timer);

/* The end of a poll comes by itself. On a stream the owner says a heartbeat, if nothing else. */
static void
await_owner(sink *k)
{
    sio_server *s = k->mailbox.server;

    sio_timer_cancel(&s->wheel, &k->timer);
    k->timer.fire = on_silence;
    if (k->transport->lasting)
        sio_timer_set(&s->wheel, &k->timer, s->cfg.heartbeat_interval_ms + patience_ms(s));
}

static void
on_attached(sio_mailbox *mailbox)
{
    sink               *k = sink_of(mailbox);
    sio_cluster_message m = {.kind = SIO_CM_OPEN, .transport = sio_view_of(k->transport->name)};

    if (k->peer != NULL) /* else the timer will tell the client */
        await_owner(k);
    tell_owner(k, &m);
}

static void
on_detached(sio_mailbox *mailbox, const char *reason)
{
    close_and_tell(sink_of(mailbox), reason);
}

static void
on_flushed(sio_mailbox *mailbox)
{
    sink               *k = sink_of(mailbox);
    sio_cluster_message m = {.kind = SIO_CM_WROTE, .count = n_written(k)};

    if (m.count == k->n_told)
        return;
    k->n_told = m.count;
    tell_owner(k, &m);
}

/* Let go of the channel, which ends in its own way. */
static void
dismiss_channel(sink *k)
{
    sio_channel *ch = k->mailbox.channel;

    sio_mailbox_hush(&k->mailbox);
    if (ch == NULL)
        return;
    sio_mailbox_leave(&k->mailbox);
    ch->transport->step_aside(ch);
}

static void
on_failed(sio_mailbox *mailbox, const char *reason)
{
    sink *k = sink_of(mailbox);

    dismiss_channel(k);
    close_and_tell(k, reason);
}

static void
on_received(sio_mailbox *mailbox, sio_view message, bool is_binary)
{
    sink               *k = sink_of(mailbox);
    sio_cluster_message m = {
        .kind = SIO_CM_POST, .transport = sio_view_of(k->transport->name), .body = message};

    (void)is_binary; /* 0.9 has none */
    if (k->peer == NULL)
        return;
    if (!sio_peer_has_room(k->peer)) {
        sio_mailbox_fail(mailbox, "instance backlog full");
        return;
    }
    m.id = sio_view_of(k->id);
    sio_peer_send(k->peer, &m);
}

static const sio_mailbox_owner mailbox_owner = {
    .attached = on_attached,
    .detached = on_detached,
    .flushed = on_flushed,
    .receive = on_received,
    .failed = on_failed,
};

/* --- Opening. --- */

/* No channel came of it. The owner has not been told of any. */
static void
on_timer(sio_timer *timer)
{
    close_sink(SIO_CONTAINER(timer, sink, timer));
}

static sink *
sink_new(sio_server *s, const sio_transport *transport, sio_view id, sio_peer *peer)
{
    sink *k = calloc(1, sizeof *k);

    if (k == NULL || id.len > SIO_SESSION_ID_MAX) {
        free(k);
        return NULL;
    }
    sio_mailbox_init(&k->mailbox, s, &mailbox_owner);
    memcpy(k->id, id.data, id.len);
    k->peer = peer;
    k->transport = transport;
    k->number = ++s->cluster.last_number;
    k->node.key = number_key(&k->number);
    k->timer.fire = on_timer;
    sio_task_init(&k->release, release);
    sio_link_init(&k->link);
    sio_link_append(&peer->sinks, &k->link);
    sio_hash_insert(&s->cluster.sinks, &k->node);
    s->stats.sinks++;
    return k;
}

static bool
has_room(sio_exchange *x, const sio_peer *peer)
{
    if (sio_peer_has_room(peer))
        return true;
    x->server->stats.backlog_full++;
    sio_answer_refuse(x, 503, "The instance that has this session does not answer.");
    return false;
}

void
sio_sink_open(sio_exchange *x, const sio_opening *o, sio_view id, sio_peer *peer)
{
    sio_server *s = x->server;
    sink       *k;

    if (!has_room(x, peer))
        return;
    if ((k = sink_new(s, o->transport, id, peer)) == NULL) {
        sio_answer_refuse(x, 503, "Out of memory.");
        return;
    }
    sio_timer_set(&s->wheel, &k->timer, s->cfg.request_timeout_ms);
    o->transport->open(x, o, &k->mailbox);
}

/* --- Posts. --- */

static void
post_free(relayed_post *p)
{
    sio_hash_remove(&p->x->server->cluster.posts, &p->node);
    sio_link_remove(&p->link);
    sio_timer_cancel(&p->x->server->wheel, &p->timer);
    free(p->origin);
    free(p);
}

/* The client has gone; what it sent is on its way. */
static void
on_post_abandoned(sio_exchange *x, const char *reason)
{
    (void)reason;
    post_free(x->owner);
}

static void refuse_post(relayed_post *p);

static void
on_post_timer(sio_timer *timer)
{
    relayed_post *p = SIO_CONTAINER(timer, relayed_post, timer);
    sio_server   *s = p->x->server;

    if (is_patience_over(s))
        refuse_post(p);
    else
        sio_timer_set(&s->wheel, timer, patience_ms(s));
}

static relayed_post *
post_new(sio_exchange *x, const char *origin, sio_peer *peer)
{
    relayed_post *p = calloc(1, sizeof *p);

    if (p == NULL || (p->origin = strdup(origin)) == NULL) {
        free(p);
        return NULL;
    }
    p->x = x;
    p->number = ++x->server->cluster.last_number;
    p->node.key = number_key(&p->number);
    sio_hash_insert(&x->server->cluster.posts, &p->node);
    sio_link_init(&p->link);
    sio_link_append(&peer->posts, &p->link);
    p->timer.fire = on_post_timer;
    sio_timer_set(&x->server->wheel, &p->timer, patience_ms(x->server));
    x->owner = p;
    x->abandoned = on_post_abandoned;
    return p;
}

void
sio_sink_post(sio_exchange *x, const sio_opening *o, sio_view id, sio_view body, sio_peer *peer)
{
    sio_cluster_message m = {
        .kind = SIO_CM_POST,
        .id = id,
        .transport = sio_view_of(o->transport->name),
        .body = body,
    };
    const relayed_post *p;

    if (!has_room(x, peer))
        return;
    if ((p = post_new(x, o->origin, peer)) == NULL) {
        sio_answer_refuse(x, 503, "Out of memory.");
        return;
    }
    m.channel = p->number;
    sio_peer_send(peer, &m);
}

static void
answer_post(relayed_post *p)
{
    sio_exchange *x = p->x;

    x->abandoned = NULL;
    sio_post_answer(x, sio_view_of(p->origin));
    post_free(p);
}

static void
refuse_post(relayed_post *p)
{
    sio_exchange *x = p->x;

    x->abandoned = NULL;
    post_free(p);
    sio_answer_refuse(x, 503, "The instance that had this session is gone.");
}

void
sio_sink_end(sio_peer *peer, sio_view id)
{
    sio_cluster_message m = {.kind = SIO_CM_END, .id = id};

    sio_peer_send(peer, &m);
}

/* --- Messages of the owner. --- */

static sink *
find_sink(const sio_server *s, uint64_t number)
{
    sio_hash_node *node = sio_hash_find(&s->cluster.sinks, number_key(&number));

    return node != NULL ? SIO_CONTAINER(node, sink, node) : NULL;
}

static relayed_post *
find_post(const sio_server *s, uint64_t number)
{
    sio_hash_node *node = sio_hash_find(&s->cluster.posts, number_key(&number));

    return node != NULL ? SIO_CONTAINER(node, relayed_post, node) : NULL;
}

/* The home has passed the request on: from now on the owner is spoken to. */
static void
note_owner(sink *k, sio_peer *owner)
{
    sio_timer_cancel(&k->mailbox.server->wheel, &k->timer);
    if (k->peer == owner)
        return;
    sio_link_remove(&k->link);
    sio_link_append(&owner->sinks, &k->link);
    k->peer = owner;
}

static void
receive_packets(sink *k, sio_view packets)
{
    sio_view packet;

    while (sio_cluster_packets_next(&packets, &packet, NULL)) {
        sio_frame *frame = sio_frame_new(packet, false);

        k->n_received++;
        if (frame != NULL)
            sio_mailbox_send(&k->mailbox, frame, false);
        else
            sio_mailbox_fail(&k->mailbox, "out of memory");
        sio_frame_unref(frame);
    }
}

/* What has come is written, and the channel ends. */
static void
finish(sink *k, bool is_tidy)
{
    sio_mailbox *m = &k->mailbox;

    sio_mailbox_hush(m);
    m->tidy = is_tidy;
    if (m->channel != NULL)
        (void)m->channel->transport->finish(m->channel);
    close_sink(k);
}

/* The session is not known anywhere: the client is to reconnect. */
static void
disown(sink *k)
{
    sio_frame *frame = sio_frame_new(SIO_VIEW("7:::1+0"), false);

    if (frame != NULL)
        sio_mailbox_send(&k->mailbox, frame, false);
    sio_frame_unref(frame);
    finish(k, true);
}

/* It has closed in the meantime: none of these were written. */
static void
return_packets(sio_peer *peer, const sio_cluster_message *m)
{
    sio_cluster_message closed = {.kind = SIO_CM_CLOSED, .id = m->id, .channel = m->channel};

    sio_peer_send(peer, &closed);
}

static void
hear(sink *k, const sio_cluster_message *m)
{
    switch (m->kind) {
    case SIO_CM_PACKETS:
        receive_packets(k, m->packets);
        break;
    case SIO_CM_ASIDE:
        dismiss_channel(k);
        close_and_tell(k, NULL);
        break;
    case SIO_CM_FINISH:
        receive_packets(k, m->packets);
        finish(k, (m->flags & SIO_CM_GOODBYE) != 0);
        break;
    case SIO_CM_UNKNOWN:
        disown(k);
        break;
    }
}

void
sio_sink_hear(sio_peer *peer, const sio_cluster_message *m)
{
    sink         *k = find_sink(peer->server, m->channel);
    relayed_post *p;

    if (m->kind == SIO_CM_POSTED) {
        if ((p = find_post(peer->server, m->channel)) != NULL)
            answer_post(p);
    } else if (k != NULL) {
        note_owner(k, peer);
        hear(k, m);
    } else if (m->kind == SIO_CM_PACKETS) {
        return_packets(peer, m);
    }
}

static void
on_orphan_timer(sio_timer *timer)
{
    disown(SIO_CONTAINER(timer, sink, timer));
}

/* The same as for a POST. */
static void
on_silence(sio_timer *timer)
{
    sink *k = SIO_CONTAINER(timer, sink, timer);

    if (is_patience_over(k->mailbox.server))
        disown(k);
    else
        await_owner(k);
}

static void
orphan(sink *k)
{
    k->peer = NULL;
    sio_link_remove(&k->link);
    k->timer.fire = on_orphan_timer;
    sio_timer_set(&k->mailbox.server->wheel, &k->timer, ORPHAN_DELAY_MS);
}

void
sio_sink_peer_gone(sio_peer *peer)
{
    while (!sio_link_empty(&peer->posts))
        refuse_post(SIO_CONTAINER(peer->posts.next, relayed_post, link));
    while (!sio_link_empty(&peer->sinks))
        orphan(SIO_CONTAINER(peer->sinks.next, sink, link));
}

/* Any of them, or NULL. */
static sink *
some_sink(sio_server *s)
{
    sio_hash_node *node = sio_hash_any(&s->cluster.sinks);

    return node != NULL ? SIO_CONTAINER(node, sink, node) : NULL;
}

void
sio_sinks_close(sio_server *s)
{
    sio_hash_node *node;
    sink          *k;

    while ((node = sio_hash_any(&s->cluster.posts)) != NULL) /* what they sent is on its way */
        answer_post(SIO_CONTAINER(node, relayed_post, node));
    while ((k = some_sink(s)) != NULL) {
        dismiss_channel(k);
        close_and_tell(k, k->transport->lasting ? "server shutting down" : NULL);
    }
}

void
sio_sinks_drop(sio_server *s)
{
    sink *k;

    while ((k = some_sink(s)) != NULL)
        disown(k);
}
