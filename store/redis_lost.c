#include "store/redis_lost.h"

#include "store/redis_post.h"
#include "store/redis_presence.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLAIM_TTL_MS = 60 * 60 * 1000 };

/* An operation that has been sent to Redis. */
typedef struct {
    sio_redis_call    call; /* first: the client frees it */
    sio_store_req     req;  /* what the caller holds */
    sio_redis_store  *s;
    sio_store_done_cb done; /* one of the two */
    sio_store_list_cb list;
    void             *arg;
    uint64_t          data_ttl_ms;  /* of a take */
    bool              asked_holder; /* a claim whose SET has found another, who may be us */
    char              tag[SIO_STORE_TAG_LEN];
} operation;

static operation *
redis_lost_of_call(sio_redis_call *call)
{
    return (operation *)(void *)call;
}

static sio_view
tag_of(const operation *op)
{
    return (sio_view){op->tag, sizeof op->tag};
}

static void
redis_lost_cancel(sio_store_req *req)
{
    operation *op = (operation *)(void *)((char *)req - offsetof(operation, req));

    sio_redis_call_cancel(&op->call);
}

static void
redis_lost_finish(operation *op, int rc, const sio_view *items, size_t n)
{
    if (rc == SIO_ERR_UNAVAILABLE)
        op->s->store.counters.unavailable++;
    if (op->list != NULL)
        op->list(op->arg, rc, items, n);
    else
        op->done(op->arg, rc);
}

/*
 * An operation to be filled in and sent; NULL when there is no memory or when nobody would
 * wait for the reply, and then *rc says which.
 */
static operation *
redis_lost_begin(sio_store *self, sio_redis_call_fn answer, sio_redis_call_fn late, void *arg,
                 int *rc)
{
    sio_redis_store *s = sio_redis_store_of(self);
    operation       *op = NULL;

    *rc = SIO_ERR_UNAVAILABLE;
    if (!sio_redis_client_well(s->client)) {
        self->counters.unavailable++;
        return NULL;
    }
    *rc = SIO_ERR_NOMEM;
    if ((op = calloc(1, sizeof *op)) == NULL)
        return NULL;
    op->call.answer = answer;
    op->call.late = late;
    op->req.cancel = redis_lost_cancel;
    op->s = s;
    op->arg = arg;
    return op;
}

static sio_store_req *
redis_lost_send_op(operation *op, const sio_redis_command *c)
{
    sio_redis_call *sent = sio_redis_client_send(op->s->client, &op->call, c);

    return sent == NULL ? NULL : &redis_lost_of_call(sent)->req;
}

/* Is there a reply, and not a refusal? */
static bool
is_good(operation *op, const redisReply *reply)
{
    if (reply == NULL)
        return false;
    sio_redis_store_note_reply(op->s, reply);
    return reply->type != REDIS_REPLY_ERROR;
}

static void
nothing_late(sio_redis_call *call, const redisReply *reply)
{
    sio_redis_store_note_reply(redis_lost_of_call(call)->s, reply);
}

/* --- Lists. --- */

/* The texts of an array that the caller can be given, in memory from malloc; NULL: none at all. */
static sio_view *
views_of(const redisReply *array, size_t min_len, size_t max_len, size_t *n)
{
    sio_view *views = malloc((array->elements + 1) * sizeof *views);

    *n = 0;
    for (size_t i = 0; views != NULL && i < array->elements; i++) {
        const redisReply *text = array->element[i];

        if (text->type == REDIS_REPLY_STRING && text->len >= min_len && text->len <= max_len)
            views[(*n)++] = (sio_view){text->str, text->len};
    }
    return views;
}

static void
list_answered(sio_redis_call *call, const redisReply *reply)
{
    operation *op = redis_lost_of_call(call);
    sio_view  *tags;
    size_t     n;

    if (!is_good(op, reply) || reply->type != REDIS_REPLY_ARRAY) {
        redis_lost_finish(op, SIO_ERR_UNAVAILABLE, NULL, 0);
        return;
    }
    tags = views_of(reply, SIO_STORE_TAG_LEN, SIO_STORE_TAG_LEN, &n);
    redis_lost_finish(op, tags != NULL ? SIO_OK : SIO_ERR_NOMEM, tags, n);
    free(tags);
}

sio_store_req *
sio_redis_lost_list_instances(sio_store *self, sio_store_list_cb cb, void *arg)
{
    sio_redis_command c = {.argc = 0};
    sio_redis_key     key;
    int               rc;
    operation        *op = redis_lost_begin(self, list_answered, nothing_late, arg, &rc);

    if (op == NULL) {
        cb(arg, rc, NULL, 0);
        return NULL;
    }
    op->list = cb;
    key = sio_redis_store_instances_key(op->s);
    sio_redis_command_add(&c, SIO_VIEW("SMEMBERS"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    return redis_lost_send_op(op, &c);
}

/* --- Claim: SET <lost> <own tag> NX PX <ms>, then GET <lost>. --- */

static sio_redis_key
lost_key(const sio_redis_store *s, sio_view tag)
{
    return sio_redis_store_home_key(s, "lost:", tag);
}

static sio_view
redis_lost_own_tag(const sio_redis_store *s)
{
    assert(s->hearing.bus != NULL); /* listen first: a claim is made in the name of a tag */
    return (sio_view){s->hearing.tag, sizeof s->hearing.tag};
}

/* The claim may be ours, from a time when the connection was lost before the answer. */
static void
ask_holder(operation *op)
{
    const sio_redis_key key = lost_key(op->s, tag_of(op));
    sio_redis_command   c = {.argc = 0};

    op->asked_holder = true;
    sio_redis_command_add(&c, SIO_VIEW("GET"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    redis_lost_send_op(op, &c);
}

static int
rc_of_holder(const operation *op, const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_STRING)
        return SIO_ERR_UNAVAILABLE; /* it has just expired, or been taken back */
    return sio_view_eq((sio_view){reply->str, reply->len}, redis_lost_own_tag(op->s))
               ? SIO_OK
               : SIO_ERR_NOT_FOUND;
}

static void
claim_answered(sio_redis_call *call, const redisReply *reply)
{
    operation *op = redis_lost_of_call(call);

    if (!is_good(op, reply))
        redis_lost_finish(op, SIO_ERR_UNAVAILABLE, NULL, 0);
    else if (op->asked_holder)
        redis_lost_finish(op, rc_of_holder(op, reply), NULL, 0);
    else if (reply->type == REDIS_REPLY_STATUS)
        redis_lost_finish(op, SIO_OK, NULL, 0);
    else
        ask_holder(op);
}

/* Nobody here knows of the claim: take it back, or nobody would announce the sessions. */
static void
claim_late(sio_redis_call *call, const redisReply *reply)
{
    operation          *op = redis_lost_of_call(call);
    const sio_redis_key key = lost_key(op->s, tag_of(op));

    if (is_good(op, reply) && reply->type == REDIS_REPLY_STATUS)
        sio_redis_post_command(op->s, "DEL", &key, NULL);
}

sio_store_req *
sio_redis_lost_claim(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    sio_redis_command c = {.argc = 0};
    sio_redis_key     key;
    char              ttl[16];
    int               rc;
    operation        *op = redis_lost_begin(self, claim_answered, claim_late, arg, &rc);

    if (op == NULL) {
        cb(arg, rc);
        return NULL;
    }
    op->done = cb;
    memcpy(op->tag, tag.data, sizeof op->tag);
    key = lost_key(op->s, tag);
    snprintf(ttl, sizeof ttl, "%d", CLAIM_TTL_MS);
    sio_redis_command_add(&c, SIO_VIEW("SET"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    sio_redis_command_add(&c, redis_lost_own_tag(op->s));
    sio_redis_command_add(&c, SIO_VIEW("NX"));
    sio_redis_command_add(&c, SIO_VIEW("PX"));
    sio_redis_command_add(&c, sio_view_of(ttl));
    return redis_lost_send_op(op, &c);
}

/* --- Check: EXISTS <lost>. --- */

static void
check_answered(sio_redis_call *call, const redisReply *reply)
{
    operation *op = redis_lost_of_call(call);
    int        rc = SIO_ERR_UNAVAILABLE;

    if (is_good(op, reply) && reply->type == REDIS_REPLY_INTEGER)
        rc = reply->integer != 0 ? SIO_OK : SIO_ERR_NOT_FOUND;
    redis_lost_finish(op, rc, NULL, 0);
}

sio_store_req *
sio_redis_lost_check(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    sio_redis_command c = {.argc = 0};
    sio_redis_key     key;
    int               rc;
    operation        *op = redis_lost_begin(self, check_answered, nothing_late, arg, &rc);

    if (op == NULL) {
        cb(arg, rc);
        return NULL;
    }
    op->done = cb;
    key = lost_key(op->s, tag);
    sio_redis_command_add(&c, SIO_VIEW("EXISTS"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    return redis_lost_send_op(op, &c);
}

/* --- Take: SPOP <sessions> <n>, and PEXPIRE for the data of each. --- */

static sio_store_req *
redis_lost_send_take(operation *op)
{
    const sio_redis_key key = sio_redis_store_sessions_key(op->s, tag_of(op));
    sio_redis_command   c = {.argc = 0};
    char                count[16];

    snprintf(count, sizeof count, "%d", SIO_STORE_MAX_LOST);
    sio_redis_command_add(&c, SIO_VIEW("SPOP"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    sio_redis_command_add(&c, sio_view_of(count));
    return redis_lost_send_op(op, &c);
}

static void
expire_data(operation *op, const sio_view *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const sio_redis_key key = sio_redis_store_client_key(op->s, ids[i]);

        sio_redis_post_expiry(op->s, &key, op->data_ttl_ms);
    }
}

static void
put_back(operation *op, const redisReply *array)
{
    const sio_redis_key key = sio_redis_store_sessions_key(op->s, tag_of(op));

    for (size_t i = 0; i < array->elements; i++) {
        const sio_view id = {array->element[i]->str, array->element[i]->len};

        if (array->element[i]->type == REDIS_REPLY_STRING) /* as every member of a set */
            sio_redis_post_command(op->s, "SADD", &key, &id);
    }
    sio_redis_post_expiry(op->s, &key, SIO_REDIS_SETS_TTL_MS);
}

static void
no_more_sessions(operation *op)
{
    const sio_redis_key key = sio_redis_store_instances_key(op->s);
    const sio_view      tag = tag_of(op);

    sio_redis_post_command(op->s, "SREM", &key, &tag);
    sio_redis_presence_forget(op->s, tag);
    redis_lost_finish(op, SIO_OK, NULL, 0);
}

static void
redis_lost_take_answered(sio_redis_call *call, const redisReply *reply)
{
    operation *op = redis_lost_of_call(call);
    sio_view  *ids;
    size_t     n;

    if (!is_good(op, reply) || reply->type != REDIS_REPLY_ARRAY) {
        redis_lost_finish(op, SIO_ERR_UNAVAILABLE, NULL, 0);
    } else if (reply->elements == 0) {
        no_more_sessions(op);
    } else if ((ids = views_of(reply, 1, SIO_STORE_MAX_ID, &n)) == NULL) {
        put_back(op, reply);
        redis_lost_finish(op, SIO_ERR_NOMEM, NULL, 0);
    } else if (n == 0) { /* not ids of sessions; there may be others */
        free(ids);
        redis_lost_send_take(op);
    } else {
        expire_data(op, ids, n);
        redis_lost_finish(op, SIO_OK, ids, n);
        free(ids);
    }
}

static void
redis_lost_take_late(sio_redis_call *call, const redisReply *reply)
{
    operation *op = redis_lost_of_call(call);

    if (is_good(op, reply) && reply->type == REDIS_REPLY_ARRAY)
        put_back(op, reply);
}

sio_store_req *
sio_redis_lost_take(sio_store *self, sio_view tag, uint64_t data_ttl_ms, sio_store_list_cb cb,
                    void *arg)
{
    int        rc;
    operation *op =
        redis_lost_begin(self, redis_lost_take_answered, redis_lost_take_late, arg, &rc);

    if (op == NULL) {
        cb(arg, rc, NULL, 0);
        return NULL;
    }
    op->list = cb;
    op->data_ttl_ms = data_ttl_ms;
    memcpy(op->tag, tag.data, sizeof op->tag);
    return redis_lost_send_take(op);
}
