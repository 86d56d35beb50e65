#include "server/socketio/ack_tokens.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/base/random.h"
#include "server/socketio/extra.h"
#include "server/socketio/io.h"
#include "store/instances.h"

enum {
    MAX_TOKENS = 1000, /* of a socket */
    RANDOM_LEN = 16,
    TOKEN_LEN = SIO_STORE_TAG_LEN + 1 + RANDOM_LEN
};

_Static_assert(TOKEN_LEN + 1 <= SIO_ACK_TOKEN_SIZE, "an application has room for a token");

typedef struct {
    sio_hash_node node;      /* in io->ack_tokens */
    sio_link      in_socket; /* in extra->tokens */
    sio_timer     timer;
    sio_socket   *socket;
    char          text[TOKEN_LEN + 1];
    size_t        id_len;
    char          id[]; /* as the client wrote it */
} ack_token;

static ack_token *
oldest_token(const sio_extra *extra)
{
    return SIO_CONTAINER(extra->tokens.next, ack_token, in_socket);
}

static void
token_free(ack_token *t)
{
    sio_env *env = t->socket->nsp->env;

    sio_timer_cancel(&env->timers, &t->timer);
    sio_hash_remove(&env->io->ack_tokens, &t->node);
    sio_link_remove(&t->in_socket);
    t->socket->extra->n_tokens--;
    sio_session_refund(t->socket->session, sizeof *t + t->id_len);
    free(t);
}

static void
give_up_token(ack_token *t)
{
    t->socket->nsp->env->stats.acks_given_up++;
    token_free(t);
}

static void
on_token_too_old(sio_timer *timer)
{
    give_up_token(SIO_CONTAINER(timer, ack_token, timer));
}

void
sio_ack_tokens_drop(sio_socket *socket)
{
    while (socket->extra != NULL && !sio_link_empty(&socket->extra->tokens))
        token_free(oldest_token(socket->extra));
}

/* --- Making one. --- */

static int
make_text(const sio_env *env, char text[TOKEN_LEN + 1])
{
    memcpy(text, env->tag, SIO_STORE_TAG_LEN);
    text[SIO_STORE_TAG_LEN] = '.';
    return sio_random_text(text + SIO_STORE_TAG_LEN + 1, RANDOM_LEN);
}

static ack_token *
token_new(sio_socket *socket, sio_view ack_id, unsigned timeout_ms)
{
    sio_env   *env = socket->nsp->env;
    sio_extra *extra = sio_extra_of(socket);
    ack_token *t = extra != NULL ? calloc(1, sizeof *t + ack_id.len) : NULL;

    if (t == NULL || make_text(env, t->text) != SIO_OK) {
        free(t);
        return NULL;
    }
    t->socket = socket;
    t->id_len = ack_id.len;
    memcpy(t->id, ack_id.data, ack_id.len);
    t->node.key = (sio_view){t->text, TOKEN_LEN};
    t->timer.fire = on_token_too_old;
    sio_link_init(&t->in_socket);
    sio_link_append(&extra->tokens, &t->in_socket);
    extra->n_tokens++;
    sio_hash_insert(&env->io->ack_tokens, &t->node);
    sio_timer_set(&env->timers, &t->timer, timeout_ms);
    sio_session_charge(socket->session, sizeof *t + t->id_len);
    return t;
}

int
sio_ack_token(sio_socket *socket, const sio_event *event, unsigned timeout_ms,
              char token[SIO_ACK_TOKEN_SIZE])
{
    const sio_view   ack_id = event->in->ack_id;
    const ack_token *t;

    if (ack_id.len == 0 || !socket->connected)
        return sio_env_fail(socket->nsp->env, ack_id.len == 0 ? "the client did not ask for it"
                                                              : "the client has left");
    if (socket->extra != NULL && socket->extra->n_tokens >= MAX_TOKENS)
        give_up_token(oldest_token(socket->extra));
    if ((t = token_new(socket, ack_id, timeout_ms)) == NULL)
        return sio_env_fail_memory(socket->nsp->env);
    memcpy(token, t->text, TOKEN_LEN + 1);
    return 0;
}

/* --- Using it. --- */

sio_view
sio_ack_tokens_tag(sio_view token)
{
    const sio_view tag = {token.data, SIO_STORE_TAG_LEN};
    sio_view       random;

    if (token.len != TOKEN_LEN || token.data[SIO_STORE_TAG_LEN] != '.')
        return SIO_VIEW("");
    random = (sio_view){token.data + SIO_STORE_TAG_LEN + 1, RANDOM_LEN};
    return sio_random_is_text(tag) && sio_random_is_text(random) ? tag : SIO_VIEW("");
}

int
sio_ack_tokens_use(sio_env *env, sio_view token, sio_packet *p)
{
    sio_hash_node *node = sio_hash_find(&env->io->ack_tokens, token);
    ack_token     *t;

    if (node == NULL)
        return SIO_ERR_NOT_FOUND;
    t = SIO_CONTAINER(node, ack_token, node);
    p->type = SIO_PACKET_ACK;
    p->nsp = t->socket->nsp->name;
    p->ack_id = (sio_view){t->id, t->id_len};
    sio_packet_send(t->socket->session, p, false);
    token_free(t);
    return SIO_OK;
}
