#include "server/roaming/owner_channel.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/mailbox.h"
#include "server/roaming/roaming.h"

/* What may be on its way to one sink; more waits until that has written some. */
enum { MAX_AWAY_BYTES = 256 * 1024 };

/* How a channel is found: by the instance that has the connection, and its number there. */
typedef struct {
    char     tag[SIO_STORE_TAG_LEN];
    char     unused[2];
    uint64_t number;
} channel_key;

struct sio_owner_channel {
    sio_channel     channel;
    sio_channel_ops ops;  /* of the channel at the sink, but for what is done here */
    sio_hash_node   node; /* in roaming->owner_channels */
    channel_key     key;
    sio_link        link; /* in peer->lists[SIO_PEER_CHANNELS] */
    sio_peer       *peer;
    sio_promise     served;      /* the mailbox, also after it has left the channel */
    sio_probe       probe;       /* while it only may come to serve it */
    sio_timer       probe_timer; /* how long it may take */
    uint32_t        n_away;      /* the oldest packets of the queue, sent and not confirmed */
    uint64_t        n_confirmed; /* packets written by the sink, since it opened */
};

static sio_owner_channel *
remote_of(sio_channel *ch)
{
    return SIO_CONTAINER(ch, sio_owner_channel, channel);
}

static sio_session *
owner_channel_session_of(sio_mailbox *m)
{
    return SIO_CONTAINER(m, sio_session, mailbox);
}

static void
tell_sink(const sio_owner_channel *r, sio_cluster_message *m)
{
    if (r->served.mailbox != NULL)
        m->id = owner_channel_session_of(r->served.mailbox)->node.key;
    m->channel = r->key.number;
    sio_peer_send(r->peer, m);
}

void
sio_owner_channel_answer_request(sio_peer *peer, uint8_t kind, sio_view id, uint64_t number,
                                 sio_eio_verdict verdict)
{
    sio_cluster_message m = {
        .kind = kind, .id = id, .channel = number, .verdict = (uint64_t)verdict};

    if (number != 0)
        sio_peer_send(peer, &m);
}

static void
channel_free(sio_owner_channel *r)
{
    sio_env *env = r->peer->env;

    sio_promise_drop(&r->served);
    sio_timer_cancel(&env->timers, &r->probe_timer);
    sio_hash_remove(&env->roaming->owner_channels, &r->node);
    sio_link_remove(&r->link);
    free(r);
}

/* --- Packets that are on their way when the channel leaves. --- */

/* Until the sink has said what it wrote, the next channel gets nothing: it might come twice. */
static void
hold_back(const sio_owner_channel *r)
{
    sio_mailbox *m = r->served.mailbox;

    m->n_away = r->n_away;
    m->away = &r->channel;
}

static bool
holds_back(const sio_owner_channel *r)
{
    const sio_mailbox *m = r->served.mailbox;

    return m != NULL && m->away == &r->channel;
}

static void
let_go(const sio_owner_channel *r)
{
    sio_mailbox *m = r->served.mailbox;

    m->n_away = 0;
    m->away = NULL;
    sio_mailbox_wake(m);
}

/* --- The channel. --- */

/*
 * Let m have packets of the queue, up to `end` and about max_bytes; none when out of memory.
 * Returns where it has stopped.
 *
 * A message says for all its packets whether they may be compressed. A stream gets those that may
 * and those that may not in turn. What is one answer can not be cut: that of a poll is compressed
 * for the sake of one, as at home (polling_eio.c), and of the last words none is.
 */
static uint32_t
list_packets(const sio_owner_channel *r, sio_cluster_message *m, uint32_t end, size_t max_bytes)
{
    sio_mailbox *mailbox = r->channel.mailbox;
    sio_buf     *list = &mailbox->env->batch;
    const bool   is_last = m->kind == SIO_CM_FINISH;
    uint32_t     i = r->n_away, n_plain = 0;

    sio_buf_clear(list);
    for (; i < end && list->len < max_bytes; i++) {
        const sio_frame *f = sio_send_queue_at(&mailbox->queue, i);
        const bool       is_plain = sio_frame_is_plain(f);

        if (r->ops.lasting && !is_last && i > r->n_away && is_plain != (n_plain > 0))
            break;
        n_plain += is_plain ? 1 : 0;
        sio_cluster_message_add_packet(list, sio_frame_message(f), sio_frame_is_binary(f));
    }
    m->flags |= mailbox->no_bytes ? SIO_CM_BASE64 : 0;
    if (n_plain > 0 && (is_last || n_plain == i - r->n_away))
        m->flags |= SIO_CM_PLAIN;
    if (list->failed)
        return r->n_away;
    m->packets = sio_buf_view(list);
    return i;
}

/* Send them. Returns the same. */
static uint32_t
send_packets(sio_owner_channel *r, sio_cluster_message *m, uint32_t end, size_t max_bytes)
{
    sio_mailbox   *mailbox = r->channel.mailbox;
    const uint32_t stopped_at = list_packets(r, m, end, max_bytes);

    if (mailbox->env->batch.failed)
        sio_mailbox_fail(mailbox, "out of memory");
    else
        tell_sink(r, m);
    return stopped_at;
}

/* A stream takes more as soon as it has written what it got. */
static void
flush_stream(sio_owner_channel *r)
{
    sio_cluster_message m = {.kind = SIO_CM_PACKETS};

    if (r->n_away == 0)
        r->n_away = send_packets(r, &m, r->channel.mailbox->queue.n_frames, MAX_AWAY_BYTES);
}

/*
 * A poll takes one batch, and is none any more: the client may have the answer, and poll again
 * elsewhere, before the word of the sink is here.
 */
static void
flush_poll(sio_owner_channel *r)
{
    sio_mailbox        *mailbox = r->channel.mailbox;
    sio_cluster_message m = {.kind = SIO_CM_PACKETS};

    r->n_away = send_packets(r, &m, sio_mailbox_poll_size(mailbox), MAX_AWAY_BYTES);
    if (r->n_away == 0)
        return;
    hold_back(r);
    sio_mailbox_detach(&r->channel);
}

static void
owner_channel_flush(sio_channel *ch)
{
    sio_owner_channel *r = remote_of(ch);

    if (r->ops.lasting)
        flush_stream(r);
    else
        flush_poll(r);
}

static void
owner_channel_step_aside(sio_channel *ch)
{
    sio_owner_channel  *r = remote_of(ch);
    sio_cluster_message m = {.kind = SIO_CM_ASIDE};

    tell_sink(r, &m);
    if (r->n_away > 0)
        hold_back(r);
    else
        channel_free(r);
}

static bool
owner_channel_finish(sio_channel *ch)
{
    sio_owner_channel  *r = remote_of(ch);
    sio_mailbox        *mailbox = ch->mailbox;
    sio_cluster_message m = {.kind = SIO_CM_FINISH, .flags = mailbox->tidy ? SIO_CM_GOODBYE : 0};

    (void)list_packets(r, &m, mailbox->queue.n_frames, SIZE_MAX);
    tell_sink(r, &m); /* also without the packets, if there is no memory for them */
    sio_mailbox_leave(mailbox);
    channel_free(r);
    return true;
}

/* --- Life. --- */

static sio_view
view_of_key(const channel_key *key)
{
    return (sio_view){(const char *)key, sizeof *key};
}

static channel_key
part_key_of(const sio_peer *peer, uint64_t number)
{
    channel_key key = {.number = number};

    memcpy(key.tag, peer->tag, sizeof key.tag);
    return key;
}

sio_owner_channel *
sio_owner_channel_find(const sio_peer *peer, uint64_t number)
{
    const channel_key key = part_key_of(peer, number);
    sio_hash_node    *node = sio_hash_find(&peer->env->roaming->owner_channels, view_of_key(&key));

    return node != NULL ? SIO_CONTAINER(node, sio_owner_channel, node) : NULL;
}

sio_owner_channel *
sio_owner_channel_first(const sio_peer *peer)
{
    return sio_link_empty(&peer->lists[SIO_PEER_CHANNELS])
               ? NULL
               : SIO_CONTAINER(peer->lists[SIO_PEER_CHANNELS].next, sio_owner_channel, link);
}

static void on_probe_over(sio_probe *probe);
static void on_probe_timer(sio_timer *timer);

static void
init_ops(sio_owner_channel *r, const sio_channel_ops *at_sink)
{
    r->ops = *at_sink;
    r->ops.flush = owner_channel_flush;
    r->ops.step_aside = owner_channel_step_aside;
    r->ops.finish = owner_channel_finish;
    r->ops.pause = NULL; /* what the sink has read comes, wanted or not */
    r->channel.ops = &r->ops;
}

sio_owner_channel *
sio_owner_channel_new(sio_peer *peer, uint64_t number, const sio_channel_ops *at_sink,
                      sio_session *session)
{
    sio_owner_channel *r;

    if (sio_owner_channel_find(peer, number) != NULL || (r = calloc(1, sizeof *r)) == NULL)
        return NULL;
    init_ops(r, at_sink);
    r->probe.over = on_probe_over;
    r->probe_timer.fire = on_probe_timer;
    r->key = part_key_of(peer, number);
    r->node.key = view_of_key(&r->key);
    r->peer = peer;
    sio_promise_make(&r->served, &session->mailbox);
    sio_link_init(&r->link);
    sio_link_append(&peer->lists[SIO_PEER_CHANNELS], &r->link);
    sio_hash_insert(&peer->env->roaming->owner_channels, &r->node);
    return r;
}

void
sio_owner_channel_greet(const sio_owner_channel *r)
{
    sio_cluster_message m = {.kind = SIO_CM_PACKETS}; /* none */

    tell_sink(r, &m);
}

void
sio_owner_channel_attach(sio_owner_channel *r)
{
    sio_mailbox_attach(r->served.mailbox, &r->channel);
}

/* --- Probes. --- */

void
sio_owner_channel_probe(sio_owner_channel *r)
{
    sio_env *env = r->peer->env;

    sio_probe_begin(&r->probe, r->served.mailbox);
    sio_timer_set(&env->timers, &r->probe_timer, env->cfg->upgrade_timeout_ms);
}

bool
sio_owner_channel_succeed(sio_owner_channel *r)
{
    sio_mailbox *m = sio_probe_succeed(&r->probe);

    if (m == NULL)
        return false;
    sio_timer_cancel(&r->peer->env->timers, &r->probe_timer);
    sio_mailbox_attach(m, &r->channel);
    return true;
}

/* The session has ended. */
static void
on_probe_over(sio_probe *probe)
{
    sio_owner_channel  *r = SIO_CONTAINER(probe, sio_owner_channel, probe);
    sio_cluster_message m = {.kind = SIO_CM_FINISH};

    tell_sink(r, &m);
    channel_free(r);
}

/* The sink has a timer too, but may be out of reach. */
static void
on_probe_timer(sio_timer *timer)
{
    sio_owner_channel  *r = SIO_CONTAINER(timer, sio_owner_channel, probe_timer);
    sio_cluster_message m = {.kind = SIO_CM_UNKNOWN, .verdict = SIO_EIO_BAD_REQUEST};

    sio_probe_withdraw(&r->probe);
    tell_sink(r, &m);
    channel_free(r);
}

/* --- What the sink says about it. --- */

/* It has written `count` packets since it opened. */
static void
confirm(sio_owner_channel *r, uint64_t count)
{
    sio_mailbox   *m = r->served.mailbox;
    const uint64_t n = count - r->n_confirmed;
    const bool     is_attached = r->channel.mailbox != NULL;

    if (n > r->n_away || !(is_attached || holds_back(r)))
        return; /* a sink that can not count; or the session is over */
    sio_mailbox_drop(m, (uint32_t)n);
    r->n_away -= (uint32_t)n;
    r->n_confirmed = count;
    if (!is_attached)
        m->n_away = r->n_away;
}

static void
hear_wrote(sio_owner_channel *r, const sio_cluster_message *m)
{
    confirm(r, m->count);
    if (r->channel.mailbox != NULL)
        sio_mailbox_wake(r->channel.mailbox);
}

/*
 * Packets that were not written leave again through the next channel. But a poll of Engine.IO that
 * was cut ends the session, as it does where the session is.
 */
static void
hear_closed(sio_owner_channel *r, const sio_cluster_message *m)
{
    sio_channel *ch = &r->channel;
    char         reason[64] = "";

    confirm(r, m->count);
    if (m->reason.len > 0 && m->reason.len < sizeof reason)
        memcpy(reason, m->reason.data, m->reason.len);
    sio_probe_withdraw(&r->probe);
    if (ch->mailbox != NULL && reason[0] != '\0' && (m->flags & SIO_CM_VIOLATED) != 0) {
        sio_mailbox_violated(ch, reason); /* it finishes the channel, which is freed then */
        return;
    }
    if (ch->mailbox != NULL && reason[0] != '\0') {
        sio_mailbox_lost(ch, reason);
    } else if (ch->mailbox != NULL) {
        sio_mailbox_detach(ch);
    } else if (holds_back(r)) {
        let_go(r);
        if (reason[0] != '\0' && r->ops.engine)
            r->served.mailbox->owner->failed(r->served.mailbox, reason);
    }
    channel_free(r);
}

/* Sinks send valid UTF-8, but whoever can write to Redis can send anything. */
static void
hear_message(sio_owner_channel *r, const sio_cluster_message *m)
{
    const bool is_binary = (m->flags & SIO_CM_BINARY) != 0;

    if (r->channel.mailbox == NULL || !r->ops.engine || !r->ops.lasting)
        return;
    if (is_binary || sio_utf8_valid(m->body))
        sio_mailbox_receive(r->channel.mailbox, m->body, is_binary);
    else
        r->peer->env->stats.bad_messages++;
}

void
sio_owner_channel_hear(sio_owner_channel *r, const sio_cluster_message *m)
{
    switch (m->kind) {
    case SIO_CM_WROTE:
        hear_wrote(r, m);
        break;
    case SIO_CM_CLOSED:
        hear_closed(r, m);
        break;
    case SIO_CM_UPGRADING:
        sio_probe_announce(&r->probe);
        break;
    case SIO_CM_MESSAGE:
        hear_message(r, m);
        break;
    }
}

sio_owner_channel *
sio_owner_channel_unsure(const sio_peer *peer)
{
    const sio_link *list = &peer->lists[SIO_PEER_CHANNELS];

    for (sio_link *l = list->next; l != list; l = l->next) {
        sio_owner_channel *r = SIO_CONTAINER(l, sio_owner_channel, link);

        if (holds_back(r))
            return r;
    }
    return NULL;
}

void
sio_owner_channel_give_up(sio_owner_channel *r)
{
    sio_cluster_message m = {.kind = SIO_CM_UNKNOWN, .verdict = SIO_EIO_UNKNOWN_SID};

    tell_sink(r, &m);
    sio_owner_channel_gone(r);
}

/* Packets that were on their way may have arrived, so that the session can not go on. */
void
sio_owner_channel_gone(sio_owner_channel *r)
{
    sio_channel *ch = &r->channel;
    sio_mailbox *mailbox = r->served.mailbox;
    const bool   is_unsure = r->n_away > 0 && (ch->mailbox != NULL || holds_back(r));

    sio_probe_withdraw(&r->probe);
    if (is_unsure) { /* the end of the session drops them: they may have arrived */
        mailbox->n_away = r->n_away;
        mailbox->away = NULL;
    }
    if (ch->mailbox != NULL)
        sio_mailbox_lost(ch, "connection lost");
    if (is_unsure)
        mailbox->owner->failed(mailbox, "connection lost");
    channel_free(r);
}
