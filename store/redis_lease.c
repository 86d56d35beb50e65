#include "store/redis_lease.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Scripts, as a lease may expire between two commands. */
static const char take_or_keep[] = "local holder = redis.call('GET', KEYS[1])\n"
                                   "if holder and holder ~= ARGV[1] then return 0 end\n"
                                   "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])\n"
                                   "return 1\n";
static const char give_up[] = "if redis.call('GET', KEYS[1]) == ARGV[1] then\n"
                              "return redis.call('DEL', KEYS[1]) end\n"
                              "return 0\n";

typedef struct {
    sio_redis_call    call; /* first: the client frees it */
    sio_store_req     req;  /* what the caller holds */
    sio_redis_store  *s;
    sio_store_done_cb done; /* NULL: nobody waits */
    void             *arg;
} lease_call;

static void
lease_cancel(sio_store_req *req)
{
    lease_call *l = (lease_call *)(void *)((char *)req - offsetof(lease_call, req));

    sio_redis_call_cancel(&l->call);
}

static void
hold_answered(sio_redis_call *call, const redisReply *reply)
{
    lease_call *l = (lease_call *)(void *)call;
    int         rc = SIO_ERR_UNAVAILABLE;

    if (reply != NULL)
        sio_redis_store_note_reply(l->s, reply);
    if (reply != NULL && reply->type == REDIS_REPLY_INTEGER)
        rc = reply->integer == 1 ? SIO_OK : SIO_ERR_FULL;
    else
        l->s->store.counters.unavailable++;
    l->done(l->arg, rc);
}

/* Whether it was taken is not said any more: it is kept, or expires. */
static void
lease_late(sio_redis_call *call, const redisReply *reply)
{
    sio_redis_store_note_reply(((lease_call *)(void *)call)->s, reply);
}

static void
lease_given_up(sio_redis_call *call, const redisReply *reply)
{
    if (reply != NULL)
        lease_late(call, reply);
}

static void
add_script(sio_redis_command *c, const char *script, const sio_redis_key *key, sio_view holder)
{
    sio_redis_command_add(c, SIO_VIEW("EVAL"));
    sio_redis_command_add(c, sio_view_of(script));
    sio_redis_command_add(c, SIO_VIEW("1"));
    sio_redis_command_add(c, sio_redis_key_view(key));
    sio_redis_command_add(c, holder);
}

static sio_store_req *
lease_hold(sio_store *self, sio_view name, sio_view holder, uint64_t ttl_ms, sio_store_done_cb cb,
           void *arg)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key key = sio_redis_store_key(s, "lease:", name);
    sio_redis_command   c = {.argc = 0};
    lease_call         *l = calloc(1, sizeof *l);
    char                ttl[24];

    if (l == NULL) {
        cb(arg, SIO_ERR_NOMEM);
        return NULL;
    }
    *l = (lease_call){.call = {.answer = hold_answered, .late = lease_late},
                      .req = {.cancel = lease_cancel},
                      .s = s,
                      .done = cb,
                      .arg = arg};
    snprintf(ttl, sizeof ttl, "%" PRIu64, ttl_ms);
    add_script(&c, take_or_keep, &key, holder);
    sio_redis_command_add(&c, sio_view_of(ttl));
    return sio_redis_client_send(sio_redis_store_client(s, &key), &l->call, &c) != NULL ? &l->req
                                                                                        : NULL;
}

static void
lease_release(sio_store *self, sio_view name, sio_view holder)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key key = sio_redis_store_key(s, "lease:", name);
    sio_redis_command   c = {.argc = 0};
    lease_call         *l = calloc(1, sizeof *l);

    if (l == NULL)
        return; /* it expires */
    l->call.answer = lease_given_up;
    l->s = s;
    add_script(&c, give_up, &key, holder);
    if (!sio_redis_client_post(sio_redis_store_client(s, &key), &l->call, &c))
        free(l);
}

const struct sio_store_lease_ops sio_redis_lease_ops = {
    .hold = lease_hold,
    .release = lease_release,
};
