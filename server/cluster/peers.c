#include "server/cluster/peers.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/base/random.h"
#include "server/cluster/cluster.h"
#include "server/cluster/module.h"
#include "server/cluster/outbox.h"
#include "server/config/config.h"

enum {
    ACK_DELAY_MS = 100,
    MAX_UNTOLD = 64, /* messages that are heard and not acknowledged */
    MAX_PEERS = 1000 /* whoever can write to Redis can invent instances */
};

/* A message that the peer has not acknowledged. */
typedef struct {
    sio_link link; /* in peer->unacked */
    uint64_t seq;
    size_t   len;
    char     bytes[];
} kept_message;

static kept_message *
kept_at(sio_link *l)
{
    return SIO_CONTAINER(l, kept_message, link);
}

/* --- Messages out. --- */

static sio_buf *
peers_encode(sio_peer *peer, sio_cluster_message *m)
{
    sio_buf *out = &peer->env->cluster->message;

    m->from = sio_view_of(peer->env->tag);
    m->ack = peer->heard_seq;
    sio_buf_clear(out);
    sio_cluster_message_encode(m, out);
    return out;
}

static void
note_told(sio_peer *peer)
{
    peer->told_seq = peer->heard_seq;
    sio_timer_cancel(&peer->env->timers, &peer->ack_timer);
}

/* A message about the numbering has no number itself: it is sent again when it was in vain. */
static bool
send_unnumbered(sio_peer *peer, uint8_t kind)
{
    sio_cluster_message m = {.kind = kind};
    const sio_buf      *bytes = peers_encode(peer, &m);

    if (bytes->failed ||
        sio_outbox_send(peer->env, sio_view_of(peer->tag), sio_buf_view(bytes)) != SIO_OK)
        return false;
    note_told(peer);
    return true;
}

/* Give Redis what it has not been given, in order. */
static void
peers_push(sio_peer *peer)
{
    for (sio_link *l = peer->unacked.next; l != &peer->unacked; l = l->next) {
        const kept_message *k = kept_at(l);

        if (k->seq <= peer->sent_seq)
            continue;
        if (sio_outbox_send(peer->env, sio_view_of(peer->tag), (sio_view){k->bytes, k->len}) !=
            SIO_OK)
            return;
        peer->sent_seq = k->seq;
    }
}

/* The usual case: nothing waits, so the message goes without a walk over the others. */
static void
push_newest(sio_peer *peer, const kept_message *k)
{
    if (peer->sent_seq + 1 == k->seq &&
        sio_outbox_send(peer->env, sio_view_of(peer->tag), (sio_view){k->bytes, k->len}) == SIO_OK)
        peer->sent_seq = k->seq;
}

/* A message is lost, so none may follow it. What becomes of that is seen to in the next turn. */
static void
break_off(sio_peer *peer)
{
    sio_env *env = peer->env;

    peer->broken = true;
    if (sio_timer_armed(&env->cluster->beat_timer)) /* it does not stop */
        sio_timer_set(&env->timers, &env->cluster->beat_timer, 0);
}

void
sio_peers_await(sio_env *env)
{
    sio_timer *timer = &env->cluster->watch_timer;

    if (!sio_timer_armed(timer))
        sio_timer_set(&env->timers, timer, SIO_PEERS_WATCH_MS);
}

void
sio_peer_send(sio_peer *peer, sio_cluster_message *m)
{
    const sio_buf *bytes;
    kept_message  *k;

    if (peer->broken)
        return;
    m->seq = peer->made_seq + 1;
    bytes = peers_encode(peer, m);
    k = bytes->failed ? NULL : malloc(sizeof *k + bytes->len);
    if (k == NULL) {
        break_off(peer);
        return;
    }
    k->seq = ++peer->made_seq;
    k->len = bytes->len;
    memcpy(k->bytes, bytes->data, bytes->len);
    sio_link_init(&k->link);
    sio_link_append(&peer->unacked, &k->link);
    peer->n_unacked_bytes += k->len;
    note_told(peer);
    push_newest(peer, k);
    sio_peers_await(peer->env);
}

bool
sio_peer_has_room(const sio_peer *peer)
{
    return peer->n_unacked_bytes < peer->env->cfg->max_instance_backlog;
}

unsigned
sio_peers_patience_ms(const sio_env *env)
{
    return 2 * env->cfg->instance_timeout_ms;
}

bool
sio_peers_patience_is_over(sio_env *env)
{
    return env->cluster->up &&
           sio_timer_wheel_now_ms(&env->timers) >= env->cluster->up_ms + sio_peers_patience_ms(env);
}

static void
forget_acknowledged(sio_peer *peer, uint64_t ack)
{
    while (!sio_link_empty(&peer->unacked) && kept_at(peer->unacked.next)->seq <= ack) {
        kept_message *k = kept_at(peer->unacked.next);

        sio_link_remove(&k->link);
        peer->n_unacked_bytes -= k->len;
        free(k);
    }
    if (peer->sent_seq < ack && ack <= peer->made_seq)
        peer->sent_seq = ack;
}

/* --- Messages in. --- */

static void
on_ack_timer(sio_timer *timer)
{
    (void)send_unnumbered(SIO_CONTAINER(timer, sio_peer, ack_timer), SIO_CM_ACK);
}

static void
note_heard(sio_peer *peer)
{
    peer->heard_seq++;
    peer->asked_seq = UINT64_MAX;
    if (peer->heard_seq - peer->told_seq >= MAX_UNTOLD)
        (void)send_unnumbered(peer, SIO_CM_ACK);
    else if (!sio_timer_armed(&peer->ack_timer))
        sio_timer_set(&peer->env->timers, &peer->ack_timer, ACK_DELAY_MS);
}

/* Ask once for each hole; sio_peer_beat() asks again. */
static void
ask_again(sio_peer *peer)
{
    if (peer->asked_seq == peer->heard_seq)
        return;
    peer->asked_seq = peer->heard_seq;
    (void)send_unnumbered(peer, SIO_CM_RESEND);
}

bool
sio_peer_hear(sio_peer *peer, const sio_cluster_message *m)
{
    forget_acknowledged(peer, m->ack);
    if (m->kind == SIO_CM_RESEND && m->ack <= peer->sent_seq) {
        peer->sent_seq = m->ack;
        peers_push(peer);
    }
    if (m->seq == 0)
        return false;
    if (m->seq == peer->heard_seq + 1) {
        note_heard(peer);
        return true;
    }
    if (m->seq > peer->heard_seq)
        ask_again(peer);
    else if (!sio_timer_armed(&peer->ack_timer)) /* it has missed what it was told */
        sio_timer_set(&peer->env->timers, &peer->ack_timer, ACK_DELAY_MS);
    return false;
}

void
sio_peer_resume(sio_peer *peer)
{
    if (!sio_link_empty(&peer->unacked))
        peer->sent_seq = kept_at(peer->unacked.next)->seq - 1;
    peers_push(peer);
    peer->unasked = !send_unnumbered(peer, SIO_CM_RESEND);
}

void
sio_peer_beat(sio_peer *peer)
{
    peers_push(peer);
    if (peer->asked_seq != UINT64_MAX || peer->unasked)
        peer->unasked = !send_unnumbered(peer, SIO_CM_RESEND);
    else if (peer->told_seq != peer->heard_seq && !sio_timer_armed(&peer->ack_timer))
        (void)send_unnumbered(peer, SIO_CM_ACK); /* Redis did not take it */
}

/* --- Life. --- */

bool
sio_peer_is_tag(sio_view tag)
{
    return tag.len == SIO_STORE_TAG_LEN && sio_random_is_text(tag);
}

sio_peer *
sio_peer_find(sio_env *env, sio_view tag)
{
    sio_hash_node *node = sio_hash_find(&env->cluster->peers, tag);

    return node != NULL ? SIO_CONTAINER(node, sio_peer, node) : NULL;
}

static sio_peer *
peer_new(sio_env *env, sio_view tag)
{
    sio_peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL)
        return NULL;
    peer->env = env;
    memcpy(peer->tag, tag.data, SIO_STORE_TAG_LEN);
    peer->node.key = (sio_view){peer->tag, SIO_STORE_TAG_LEN};
    peer->heard_ms = sio_timer_wheel_now_ms(&env->timers);
    peer->asked_seq = UINT64_MAX;
    peer->unasked = true; /* it may have spoken when this instance was not listening */
    peer->ack_timer.fire = on_ack_timer;
    sio_link_init(&peer->unacked);
    for (size_t i = 0; i < SIO_PEER_MAX_LISTS; i++)
        sio_link_init(&peer->lists[i]);
    sio_hash_insert(&env->cluster->peers, &peer->node);
    sio_link_init(&peer->link);
    sio_link_append(&env->cluster->peer_list, &peer->link);
    env->stats.peers++;
    return peer;
}

/* Its lists are empty; what was not acknowledged is dropped. */
static void
peer_free(sio_peer *peer)
{
    sio_env *env = peer->env;

    forget_acknowledged(peer, UINT64_MAX);
    sio_partitions_forget(peer);
    sio_timer_cancel(&env->timers, &peer->ack_timer);
    sio_store_cancel(peer->claim);
    sio_timer_cancel(&env->timers, &peer->look_timer);
    sio_store_cancel(peer->look);
    sio_hash_remove(&env->cluster->peers, &peer->node);
    sio_link_remove(&peer->link);
    env->stats.peers--;
    free(peer);
}

/* Nothing speaks for its existence but that its name was said once. */
static bool
is_mere_name(const sio_peer *peer)
{
    if (peer->seen || peer->is_proven || peer->made_seq > 0 || peer->heard_seq > 0)
        return false;
    for (size_t i = 0; i < SIO_PEER_MAX_LISTS; i++)
        if (!sio_link_empty(&peer->lists[i]))
            return false;
    return true;
}

/* Is there room for one more? Invented names do not stand in the way of an instance that lives. */
static bool
make_room(sio_env *env)
{
    sio_link *list = &env->cluster->peer_list;

    if (env->cluster->peers.n_items < MAX_PEERS)
        return true;
    for (sio_link *l = list->next; l != list; l = l->next) {
        sio_peer *peer = SIO_CONTAINER(l, sio_peer, link);

        if (is_mere_name(peer)) {
            peer_free(peer);
            return true;
        }
    }
    return false;
}

sio_peer *
sio_peer_meet(sio_env *env, sio_view tag)
{
    sio_peer *peer = sio_peer_find(env, tag);

    if (peer != NULL || !sio_peer_is_tag(tag) || sio_view_eq(tag, sio_view_of(env->tag)) ||
        sio_peers_is_lost(env, tag) || !make_room(env))
        return peer;
    return peer_new(env, tag);
}

void
sio_peer_bury(sio_peer *peer)
{
    sio_cluster *c = peer->env->cluster;

    memcpy(c->lost[c->n_lost++ % SIO_CLUSTER_N_LOST], peer->tag, SIO_STORE_TAG_LEN);
    sio_cluster_module_peer_gone(peer);
    peer_free(peer);
}

void
sio_peers_forget(sio_env *env)
{
    sio_link *list = &env->cluster->peer_list;

    while (!sio_link_empty(list))
        sio_peer_bury(SIO_CONTAINER(list->next, sio_peer, link));
    env->cluster->n_lost = 0;
}

bool
sio_peers_is_lost(const sio_env *env, sio_view tag)
{
    const sio_cluster *c = env->cluster;
    const unsigned     n = c->n_lost < SIO_CLUSTER_N_LOST ? c->n_lost : SIO_CLUSTER_N_LOST;

    for (unsigned i = 0; i < n; i++)
        if (sio_view_eq(tag, (sio_view){c->lost[i], SIO_STORE_TAG_LEN}))
            return true;
    return false;
}
