#include "server/cluster/proof.h"

#include "server/base/env.h"
#include "server/base/random.h"
#include "server/cluster/cluster.h"
#include "server/cluster/outbox.h"
#include "server/cluster/seal.h"

enum { HELLO_EVERY_MS = 100 };

static void
proof_say(const sio_peer *peer, uint8_t kind, uint64_t nonce)
{
    sio_cluster_message m = {.kind = kind, .from = sio_view_of(peer->env->tag), .channel = nonce};
    sio_buf            *out = &peer->env->cluster->message;

    sio_buf_clear(out);
    sio_cluster_message_encode(&m, out);
    if (!out->failed) /* else it is asked again */
        (void)sio_outbox_send(peer->env, sio_view_of(peer->tag), sio_buf_view(out));
}

/* Never 0. Without random numbers the peer stays unknown, and is asked again. */
static uint64_t
new_nonce(void)
{
    uint32_t high, low;

    if (sio_random_u32(&high) != SIO_OK || sio_random_u32(&low) != SIO_OK)
        return 0;
    return ((uint64_t)high << 32 | low | 1) & SIO_CLUSTER_NUMBER_MAX;
}

static void
say_hello(sio_peer *peer)
{
    const uint64_t now_ms = sio_timer_wheel_now_ms(&peer->env->timers);

    if (peer->nonce != 0 && now_ms < peer->hello_ms + HELLO_EVERY_MS)
        return;
    peer->hello_ms = now_ms;
    if (peer->nonce == 0)
        peer->nonce = new_nonce();
    if (peer->nonce != 0)
        proof_say(peer, SIO_CM_HELLO, peer->nonce);
}

static void
prove(sio_peer *peer, bool direct, const sio_cluster_message *m, uint64_t number)
{
    if (!direct || m->kind != SIO_CM_WELCOME || peer->nonce == 0 || m->channel != peer->nonce) {
        say_hello(peer);
        return;
    }
    peer->heard_number = number;
    peer->is_proven = true;
    peer->unasked = true;
    sio_peer_beat(peer); /* what it has said to this instance in the meantime is to come again */
}

bool
sio_proof_is_news(sio_peer *peer, bool direct, const sio_cluster_message *m, uint64_t number)
{
    if (!sio_seal_is_used(peer->env))
        return true;
    if (peer->is_proven && number <= peer->heard_number) {
        peer->env->stats.replayed_messages++;
        return false;
    }
    if (direct && m->kind == SIO_CM_HELLO) /* one that was recorded has an answer that is none */
        proof_say(peer, SIO_CM_WELCOME, m->channel);
    if (!peer->is_proven) {
        prove(peer, direct, m, number);
        return false;
    }
    peer->heard_number = number;
    return m->kind != SIO_CM_HELLO && m->kind != SIO_CM_WELCOME;
}

void
sio_proof_beat(sio_peer *peer)
{
    if (sio_seal_is_used(peer->env) && !peer->is_proven)
        say_hello(peer);
}
