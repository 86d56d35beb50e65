#include "server/adapter/remote_ack.h"

#include <stdlib.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "server/adapter/adapters.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/socketio/ack_tokens.h"

/* An application that is yet to be told what came of its token. */
typedef struct {
    sio_link          link; /* in adapters->token_uses */
    sio_link          in_peer;
    sio_hash_node     node; /* in adapters->token_uses_by_number */
    uint64_t          number;
    sio_env          *env;
    sio_ack_result    result;
    sio_ack_result_fn fn;
    void             *arg;
    sio_timer         timer;
} token_use;

/* --- The one that asks. --- */

static void
use_free(token_use *u)
{
    sio_timer_cancel(&u->env->timers, &u->timer);
    sio_link_remove(&u->link);
    sio_link_remove(&u->in_peer);
    sio_hash_remove(&u->env->adapters->token_uses_by_number, &u->node);
    free(u);
}

/* The application may do anything in the call. */
static void
on_use_over(sio_timer *timer)
{
    token_use              *u = SIO_CONTAINER(timer, token_use, timer);
    const sio_ack_result    result = u->result;
    const sio_ack_result_fn fn = u->fn;
    void                   *arg = u->arg;

    use_free(u);
    if (fn != NULL)
        fn(result, arg);
}

void
sio_remote_ack_finish_all(sio_env *env)
{
    while (!sio_link_empty(&env->adapters->token_uses))
        on_use_over(&SIO_CONTAINER(env->adapters->token_uses.next, token_use, link)->timer);
}

/* Tell the application soon, never in this call. */
static void
settle_use(token_use *u, sio_ack_result result)
{
    u->result = result;
    sio_link_remove(&u->in_peer);
    sio_timer_set(&u->env->timers, &u->timer, 0);
}

static token_use *
use_new(sio_env *env, sio_ack_result_fn fn, void *arg)
{
    token_use *u = env->adapters->is_closed ? NULL : calloc(1, sizeof *u);

    if (u == NULL) {
        (void)sio_env_fail(env, env->adapters->is_closed ? "the server is being freed"
                                                         : "out of memory");
        return NULL;
    }
    *u = (token_use){.env = env, .result = SIO_ACK_UNSURE, .fn = fn, .arg = arg};
    u->timer.fire = on_use_over;
    u->number = ++env->last_number;
    u->node.key = (sio_view){(const char *)&u->number, sizeof u->number};
    sio_link_init(&u->in_peer);
    sio_link_init(&u->link);
    sio_link_append(&env->adapters->token_uses, &u->link);
    sio_hash_insert(&env->adapters->token_uses_by_number, &u->node);
    return u;
}

/* SIO_OK or SIO_ERR_NOMEM, and then nothing was sent. */
static int
ask_peer(token_use *u, sio_peer *peer, sio_view token, const sio_packet *p)
{
    sio_cluster_message m = {
        .kind = SIO_CM_USE_TOKEN, .channel = u->number, .name = token, .args = p->args};
    sio_buf attachments;

    sio_buf_init(&attachments, SIZE_MAX);
    for (unsigned i = 0; i < p->n_attachments; i++)
        sio_cluster_message_add_packet(&attachments, p->attachments[i], true);
    if (attachments.failed) {
        sio_buf_fini(&attachments);
        return SIO_ERR_NOMEM;
    }
    m.packets = sio_buf_view(&attachments);
    sio_link_append(&peer->lists[SIO_PEER_TOKEN_USES], &u->in_peer);
    sio_timer_set(&u->env->timers, &u->timer, sio_peers_patience_ms(u->env));
    sio_peer_send(peer, &m);
    sio_buf_fini(&attachments);
    return SIO_OK;
}

static void
use_token(token_use *u, sio_view token, sio_packet *p)
{
    sio_env       *env = u->env;
    const sio_view tag = sio_ack_tokens_tag(token);
    sio_peer      *peer;

    if (sio_view_eq(tag, sio_view_of(env->tag)))
        settle_use(u, sio_ack_tokens_use(env, token, p) == SIO_OK ? SIO_ACK_DONE : SIO_ACK_UNKNOWN);
    else if (tag.len == 0 || (peer = sio_peer_find(env, tag)) == NULL)
        settle_use(u, SIO_ACK_UNKNOWN);
    else if (!env->cluster->up || !sio_peer_has_room(peer) || ask_peer(u, peer, token, p) != SIO_OK)
        settle_use(u, SIO_ACK_FAILED);
}

static int
ack_by_token(sio_server *io, const char *token, const sio_arguments *args, sio_ack_result_fn fn,
             void *arg)
{
    sio_packet p = {.type = SIO_PACKET_ACK};
    token_use *u;

    if (sio_arguments_check(sio_env_of(io), args, &p) != 0 ||
        (u = use_new(sio_env_of(io), fn, arg)) == NULL)
        return -1;
    use_token(u, sio_view_of(token), &p);
    return 0;
}

int
sio_ack_by_token(sio_server *io, const char *token, const char *args_json,
                 const sio_bytes *attachments, size_t n, sio_ack_result_fn fn, void *arg)
{
    const sio_arguments args = {sio_view_of(args_json), attachments, n, false};

    return ack_by_token(io, token, &args, fn, arg);
}

int
sio_ack_by_token_n(sio_server *io, const char *token, const sio_content *c, sio_ack_result_fn fn,
                   void *arg)
{
    sio_arguments args;

    if (c == NULL)
        return sio_arguments_no_content(sio_env_of(io));
    args = sio_arguments_of_content(c);
    return ack_by_token(io, token, &args, fn, arg);
}

static void
hear_token_used(sio_peer *peer, const sio_cluster_message *m)
{
    const sio_view key = {(const char *)&m->channel, sizeof m->channel};
    sio_hash_node *node = sio_hash_find(&peer->env->adapters->token_uses_by_number, key);
    token_use     *u = node != NULL ? SIO_CONTAINER(node, token_use, node) : NULL;

    if (u == NULL || sio_link_empty(&u->in_peer)) /* it came too late, or nobody asked */
        peer->env->stats.unasked_answers++;
    else
        settle_use(u, m->verdict == 0 ? SIO_ACK_DONE : SIO_ACK_UNKNOWN);
}

/* It may have done it before. */
static void
remote_ack_peer_gone(sio_peer *peer)
{
    sio_link *uses = &peer->lists[SIO_PEER_TOKEN_USES];

    while (!sio_link_empty(uses))
        settle_use(SIO_CONTAINER(uses->next, token_use, in_peer), SIO_ACK_UNSURE);
}

/* --- The one that has the socket. --- */

/* Whoever can write to Redis can send anything. */
static bool
are_arguments(sio_view args, unsigned n_attachments)
{
    return (args.len == 0 || (sio_json_read_kind_of(args) == SIO_JSON_ARRAY &&
                              sio_json_validate(args, SIO_JSON_MAX_DEPTH) == SIO_OK)) &&
           (n_attachments == 0 || sio_placeholder_check(args, n_attachments) == SIO_OK);
}

/* attachments holds views. */
static int
acknowledge_for(sio_peer *peer, const sio_cluster_message *m, const sio_buf *attachments)
{
    sio_packet p = {
        .args = m->args,
        .attachments = (const void *)attachments->data,
        .n_attachments = (unsigned)(attachments->len / sizeof(sio_view)),
    };

    if (attachments->failed)
        return SIO_ERR_NOMEM;
    if (!are_arguments(p.args, p.n_attachments)) {
        peer->env->stats.bad_messages++;
        return SIO_BAD;
    }
    return sio_ack_tokens_use(peer->env, m->name, &p);
}

static void
hear_use_token(sio_peer *peer, const sio_cluster_message *m)
{
    sio_cluster_message answer = {.kind = SIO_CM_TOKEN_USED, .channel = m->channel};
    sio_view            rest = m->packets, bytes;
    sio_buf             attachments; /* a view of each */

    sio_buf_init(&attachments, SIZE_MAX);
    while (sio_cluster_message_next_packet(&rest, &bytes, NULL))
        sio_buf_add(&attachments, &bytes, sizeof bytes);
    answer.verdict = acknowledge_for(peer, m, &attachments) != SIO_OK;
    sio_buf_fini(&attachments);
    sio_peer_send(peer, &answer);
}

static void
remote_ack_hear(sio_peer *peer, const sio_cluster_message *m)
{
    if (m->kind == SIO_CM_USE_TOKEN)
        hear_use_token(peer, m);
    else
        hear_token_used(peer, m);
}

static const char kinds[] = {SIO_CM_USE_TOKEN, SIO_CM_TOKEN_USED, 0};

const sio_cluster_module sio_remote_ack_module = {
    .kinds = kinds,
    .hear = remote_ack_hear,
    .peer_gone = remote_ack_peer_gone,
};
