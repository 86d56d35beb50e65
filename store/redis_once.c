#include "store/redis_once.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/redis_post.h"

/* A claim that has been sent: SET NX, and then, if it is somebody's, GET. */
typedef struct {
    sio_redis_call    call; /* first: the client frees it */
    sio_store_req     req;  /* what the caller holds */
    sio_redis_store  *s;
    sio_redis_key     key;
    sio_store_once_cb cb;
    void             *arg;
} claim;

static sio_redis_key
once_key(const sio_redis_store *s, sio_view key)
{
    return sio_redis_store_key(s, "once:", key);
}

static void
claim_cancel(sio_store_req *req)
{
    claim *c = (claim *)(void *)((char *)req - offsetof(claim, req));

    sio_redis_call_cancel(&c->call);
}

static void
claim_finish(claim *c, int rc, sio_view value)
{
    if (rc == SIO_ERR_UNAVAILABLE)
        c->s->store.counters.unavailable++;
    c->cb(c->arg, rc, value);
}

/* What is there; nil: it has expired in between, and whoever had it may be at work still. */
static void
look_answered(sio_redis_call *call, const redisReply *reply)
{
    claim *c = (claim *)(void *)call;

    if (reply != NULL)
        sio_redis_store_note_reply(c->s, reply);
    if (reply != NULL && reply->type == REDIS_REPLY_STRING)
        claim_finish(c, SIO_ERR_FULL, (sio_view){reply->str, reply->len});
    else
        claim_finish(c, SIO_ERR_UNAVAILABLE, (sio_view){NULL, 0});
}

static void
look(claim *c)
{
    sio_redis_command command = {.argc = 0};

    c->call.answer = look_answered;
    sio_redis_command_add(&command, SIO_VIEW("GET"));
    sio_redis_command_add(&command, sio_redis_key_view(&c->key));
    (void)sio_redis_client_send(sio_redis_store_client(c->s, &c->key), &c->call, &command);
}

static void
claim_answered(sio_redis_call *call, const redisReply *reply)
{
    claim *c = (claim *)(void *)call;

    if (reply != NULL)
        sio_redis_store_note_reply(c->s, reply);
    if (reply != NULL && reply->type == REDIS_REPLY_STATUS)
        claim_finish(c, SIO_OK, (sio_view){NULL, 0});
    else if (reply != NULL && reply->type == REDIS_REPLY_NIL)
        look(c);
    else
        claim_finish(c, SIO_ERR_UNAVAILABLE, (sio_view){NULL, 0});
}

/* Nobody does what was claimed: let somebody else. */
static void
claim_late(sio_redis_call *call, const redisReply *reply)
{
    const claim *c = (claim *)(void *)call;

    sio_redis_store_note_reply(c->s, reply);
    if (c->call.answer == claim_answered && reply->type == REDIS_REPLY_STATUS)
        sio_redis_post_command(c->s, "DEL", &c->key, NULL);
}

static sio_store_req *
once_claim(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms, sio_store_once_cb cb,
           void *arg)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key name = once_key(s, key);
    sio_redis_client   *client = sio_redis_store_client(s, &name);
    sio_redis_command   command = {.argc = 0};
    char                ttl[24];
    claim              *c;

    if (!sio_redis_client_well(client)) {
        self->counters.unavailable++;
        cb(arg, SIO_ERR_UNAVAILABLE, (sio_view){NULL, 0});
        return NULL;
    }
    if ((c = calloc(1, sizeof *c)) == NULL) {
        cb(arg, SIO_ERR_NOMEM, (sio_view){NULL, 0});
        return NULL;
    }
    *c = (claim){.call = {.answer = claim_answered, .late = claim_late},
                 .req = {.cancel = claim_cancel},
                 .s = s,
                 .key = name,
                 .cb = cb,
                 .arg = arg};
    snprintf(ttl, sizeof ttl, "%" PRIu64, ttl_ms);
    sio_redis_command_add(&command, SIO_VIEW("SET"));
    sio_redis_command_add(&command, sio_redis_key_view(&c->key));
    sio_redis_command_add(&command, value);
    sio_redis_command_add(&command, SIO_VIEW("NX"));
    sio_redis_command_add(&command, SIO_VIEW("PX"));
    sio_redis_command_add(&command, sio_view_of(ttl));
    return sio_redis_client_send(client, &c->call, &command) != NULL ? &c->req : NULL;
}

static void
once_put(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key name = once_key(s, key);

    sio_redis_post_value(s, &name, value, ttl_ms);
}

static void
once_drop(sio_store *self, sio_view key)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key name = once_key(s, key);

    sio_redis_post_command(s, "DEL", &name, NULL);
}

const struct sio_store_once_ops sio_redis_once_ops = {
    .claim = once_claim,
    .put = once_put,
    .drop = once_drop,
};
