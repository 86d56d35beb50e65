#include "store/redis_data.h"

#include "store/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* An operation that has been sent to Redis. */
typedef struct {
    sio_redis_call     call; /* first: the client frees it */
    sio_store_req      req;  /* what the caller holds */
    sio_redis_store   *s;
    sio_store_done_cb  done;  /* one of the two, or neither */
    sio_store_value_cb value; /* of a get */
    void              *arg;
    int                rc_of_zero; /* what the reply 0 means */
    sio_stored_client *leaving;    /* whose data are to expire; lives until Redis has answered */
} operation;

static operation *
redis_data_of_call(sio_redis_call *call)
{
    return (operation *)(void *)call;
}

static void
redis_data_cancel(sio_store_req *req)
{
    operation *op = (operation *)(void *)((char *)req - offsetof(operation, req));

    sio_redis_call_cancel(&op->call);
}

static void
redis_data_finish(operation *op, int rc, sio_view value)
{
    if (rc == SIO_ERR_UNAVAILABLE)
        op->s->store.counters.unavailable++;
    if (op->value != NULL)
        op->value(op->arg, rc, value);
    else if (op->done != NULL)
        op->done(op->arg, rc);
}

/* --- Set, get, has, del. --- */

static void
redis_data_answered(sio_redis_call *call, const redisReply *reply)
{
    operation *op = redis_data_of_call(call);
    sio_view   value = {NULL, 0};
    int        rc = SIO_ERR_UNAVAILABLE; /* no reply, or a refusal */

    if (reply != NULL)
        sio_redis_store_note_reply(op->s, reply);
    if (reply != NULL && reply->type == REDIS_REPLY_INTEGER) {
        rc = reply->integer == 0 ? op->rc_of_zero : SIO_OK;
    } else if (reply != NULL && reply->type == REDIS_REPLY_STRING) {
        rc = SIO_OK;
        value = (sio_view){reply->str, reply->len};
    } else if (reply != NULL && reply->type == REDIS_REPLY_NIL) {
        rc = SIO_ERR_NOT_FOUND;
    }
    redis_data_finish(op, rc, value);
}

/* Nobody waits any more. */
static void
answered_late(sio_redis_call *call, const redisReply *reply)
{
    sio_redis_store_note_reply(redis_data_of_call(call)->s, reply);
}

static operation *
redis_data_operation_new(sio_redis_store *s, void *arg)
{
    operation *op = calloc(1, sizeof *op);

    if (op == NULL)
        return NULL;
    op->call.answer = redis_data_answered;
    op->call.late = answered_late;
    op->req.cancel = redis_data_cancel;
    op->s = s;
    op->arg = arg;
    op->rc_of_zero = SIO_ERR_NOT_FOUND;
    return op;
}

/* verb <hash> <field> [value] */
static sio_store_req *
redis_data_send_op(operation *op, const char *verb, sio_view id, sio_view field,
                   const sio_view *value)
{
    const sio_redis_key key = sio_redis_store_client_key(op->s, id);
    sio_redis_command   c = {.argc = 0};
    sio_redis_call     *sent;

    sio_redis_command_add(&c, sio_view_of(verb));
    sio_redis_command_add(&c, (sio_view){key.text, key.len});
    sio_redis_command_add(&c, field);
    if (value != NULL)
        sio_redis_command_add(&c, *value);
    sent = sio_redis_client_send(op->s->client, &op->call, &c);
    return sent == NULL ? NULL : &redis_data_of_call(sent)->req;
}

/*
 * An operation to be filled in and sent, or *rc says why not. While Redis is away or
 * silent nothing is sent: what is answered "unavailable" at once has not been done.
 */
static operation *
redis_data_begin(sio_redis_store *s, void *arg, int *rc)
{
    operation *op = NULL;

    *rc = SIO_ERR_UNAVAILABLE;
    if (!sio_redis_client_well(s->client)) {
        s->store.counters.unavailable++;
        return NULL;
    }
    if ((op = redis_data_operation_new(s, arg)) == NULL)
        *rc = SIO_ERR_NOMEM;
    return op;
}

/*
 * The limits are counted from what was sent, as if Redis had done all of it; it does,
 * in this order, unless the connection is lost.
 */
sio_store_req *
sio_redis_data_set(sio_store *self, sio_view id, sio_view key, sio_view value,
                   const sio_store_client_limits *limits, sio_store_done_cb cb, void *arg)
{
    sio_redis_store *s = sio_redis_store_of(self);
    int              rc;
    operation       *op = redis_data_begin(s, arg, &rc);

    if (op == NULL) {
        cb(arg, rc);
        return NULL;
    }
    rc = sio_clients_set(s->clients, id, key, (sio_view){NULL, value.len}, limits);
    if (rc != SIO_OK) {
        free(op);
        cb(arg, rc);
        return NULL;
    }
    op->done = cb;
    op->rc_of_zero = SIO_OK; /* the key was there before */
    return redis_data_send_op(op, "HSET", id, key, &value);
}

sio_store_req *
sio_redis_data_get(sio_store *self, sio_view id, sio_view key, sio_store_value_cb cb, void *arg)
{
    int        rc;
    operation *op = redis_data_begin(sio_redis_store_of(self), arg, &rc);

    if (op == NULL) {
        cb(arg, rc, (sio_view){NULL, 0});
        return NULL;
    }
    op->value = cb;
    return redis_data_send_op(op, "HGET", id, key, NULL);
}

sio_store_req *
sio_redis_data_has(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb, void *arg)
{
    int        rc;
    operation *op = redis_data_begin(sio_redis_store_of(self), arg, &rc);

    if (op == NULL) {
        cb(arg, rc);
        return NULL;
    }
    op->done = cb;
    return redis_data_send_op(op, "HEXISTS", id, key, NULL);
}

sio_store_req *
sio_redis_data_del(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb, void *arg)
{
    sio_redis_store   *s = sio_redis_store_of(self);
    sio_stored_client *c = sio_clients_find(s->clients, id);
    int                rc;
    operation         *op = redis_data_begin(s, arg, &rc);

    if (op == NULL) {
        cb(arg, rc);
        return NULL;
    }
    if (c != NULL)
        sio_clients_del(s->clients, c, key);
    op->done = cb;
    return redis_data_send_op(op, "HDEL", id, key, NULL);
}

/* --- Expire. --- */

/*
 * Redis has answered; nothing more can be done for these data. Without an answer the
 * client stays in the table, and is tried again when the connection is back.
 */
static void
note_expiring(operation *op, const redisReply *reply)
{
    sio_redis_store_note_reply(op->s, reply);
    sio_clients_drop(op->s->clients, op->leaving);
}

static void
expire_answered(sio_redis_call *call, const redisReply *reply)
{
    operation *op = redis_data_of_call(call);

    if (reply != NULL)
        note_expiring(op, reply);
    redis_data_finish(
        op, reply != NULL && reply->type == REDIS_REPLY_INTEGER ? SIO_OK : SIO_ERR_UNAVAILABLE,
        (sio_view){NULL, 0});
}

static void
expire_late(sio_redis_call *call, const redisReply *reply)
{
    note_expiring(redis_data_of_call(call), reply);
}

/*
 * PEXPIRE <hash> <ms>, or DEL. At most one is in flight for a client: the first when it
 * leaves, another only after a connection was lost, and with it all that was in flight.
 */
static sio_store_req *
send_expire(sio_redis_store *s, sio_stored_client *c, sio_store_done_cb cb, void *arg)
{
    const sio_redis_key key = sio_redis_store_client_key(s, c->node.key);
    const uint64_t      now_ms = sio_now_ms();
    sio_redis_command   command = {.argc = 0};
    operation          *op = redis_data_operation_new(s, arg);
    char                ttl[24];
    sio_redis_call     *sent;

    if (op == NULL) { /* with the others, when the connection is back */
        if (cb != NULL)
            cb(arg, SIO_ERR_UNAVAILABLE);
        return NULL;
    }
    op->call.answer = expire_answered;
    op->call.late = expire_late;
    op->call.exempt = true;
    op->done = cb;
    op->leaving = c;
    sio_redis_command_add(&command, sio_view_of(c->expires_ms > now_ms ? "PEXPIRE" : "DEL"));
    sio_redis_command_add(&command, (sio_view){key.text, key.len});
    if (c->expires_ms > now_ms) {
        snprintf(ttl, sizeof ttl, "%" PRIu64, c->expires_ms - now_ms);
        sio_redis_command_add(&command, sio_view_of(ttl));
    }
    sent = sio_redis_client_send(s->client, &op->call, &command);
    return sent == NULL ? NULL : &redis_data_of_call(sent)->req;
}

sio_store_req *
sio_redis_data_expire(sio_store *self, sio_view id, uint64_t ttl_ms, sio_store_done_cb cb,
                      void *arg)
{
    sio_redis_store   *s = sio_redis_store_of(self);
    sio_stored_client *c = sio_clients_find(s->clients, id);

    if (c == NULL || c->ended) {
        cb(arg, SIO_OK);
        return NULL;
    }
    sio_clients_end(s->clients, c, sio_now_ms() + ttl_ms);
    return send_expire(s, c, cb, arg);
}

/* --- Inherit. --- */

/*
 * COPY <from> <to>, which leaves a <to> that exists alone, and PERSIST <to>: the copy has the time
 * to live of the original. What is copied is not counted: the limits are about what is set here.
 */
sio_store_req *
sio_redis_data_inherit(sio_store *self, sio_view id, sio_view from, sio_store_done_cb cb, void *arg)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key to = sio_redis_store_client_key(s, id);
    sio_redis_command   c = {.argc = 0};
    int                 rc;
    operation          *copy = redis_data_begin(s, NULL, &rc);
    operation          *persist = copy != NULL ? redis_data_operation_new(s, arg) : NULL;
    sio_redis_call     *sent;

    if (persist == NULL || sio_clients_note(s->clients, id) != SIO_OK) {
        cb(arg, copy != NULL ? SIO_ERR_NOMEM : rc);
        free(copy);
        free(persist);
        return NULL;
    }
    (void)redis_data_send_op(copy, "COPY", from, (sio_view){to.text, to.len}, NULL);
    persist->done = cb;
    persist->rc_of_zero = SIO_OK; /* there was nothing to copy */
    sio_redis_command_add(&c, SIO_VIEW("PERSIST"));
    sio_redis_command_add(&c, (sio_view){to.text, to.len});
    sent = sio_redis_client_send(s->client, &persist->call, &c);
    return sent == NULL ? NULL : &redis_data_of_call(sent)->req;
}

void
sio_redis_data_expire_ended(sio_redis_store *s)
{
    for (sio_stored_client *c = NULL; (c = sio_clients_next_ended(s->clients, c)) != NULL;)
        send_expire(s, c, NULL, NULL);
}
