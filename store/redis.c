#include "store/redis.h"

#include "store/clock.h"
#include "store/redis_channels.h"
#include "store/redis_data.h"
#include "store/redis_instances.h"
#include "store/redis_lease.h"
#include "store/redis_once.h"
#include "store/redis_store.h"
#include "store/redis_shards.h"
#include "store/redis_streams.h"
#include "store/redis_tail.h"
#include "store/redis_wills.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* A handshake operation that has been sent to Redis. */
typedef struct {
    sio_redis_call    call; /* first: the client frees it */
    sio_store_req     req;  /* what the caller holds */
    sio_redis_store  *s;
    sio_store_put_cb  put; /* one of the two, or neither for an announcement */
    sio_store_take_cb take;
    void             *arg;
    bool              retried; /* a take without GETDEL */
    size_t            id_len;
    char              id[SIO_STORE_MAX_ID];
} operation;

static operation *
redis_of_call(sio_redis_call *call)
{
    return (operation *)(void *)call;
}

static sio_view
id_of(const operation *op)
{
    return (sio_view){op->id, op->id_len};
}

static void
redis_cancel(sio_store_req *req)
{
    operation *op = (operation *)(void *)((char *)req - offsetof(operation, req));

    sio_redis_call_cancel(&op->call);
}

static operation *
redis_operation_new(sio_redis_store *s, sio_view id, sio_redis_call_fn answer,
                    sio_redis_call_fn late, void *arg)
{
    operation *op = calloc(1, sizeof *op);

    if (op == NULL)
        return NULL;
    op->call.answer = answer;
    op->call.late = late;
    op->req.cancel = redis_cancel;
    op->s = s;
    op->arg = arg;
    memcpy(op->id, id.data, id.len);
    op->id_len = id.len;
    return op;
}

/* sent: what the client returned for op. */
static sio_store_req *
request_of(sio_redis_call *sent)
{
    return sent == NULL ? NULL : &redis_of_call(sent)->req;
}

/* --- Put: SET <key> <data> PX <ttl>. --- */

/* Also when it comes late: the handshake is shared from then on. */
static bool
note_shared(operation *op, const redisReply *reply)
{
    sio_handshake *local;

    if (reply == NULL)
        return false;
    sio_redis_store_note_reply(op->s, reply);
    if (reply->type == REDIS_REPLY_ERROR)
        return false;
    local = sio_handshakes_find(op->s->local, id_of(op));
    if (local != NULL)
        local->shared = true;
    return true;
}

static void
put_answered(sio_redis_call *call, const redisReply *reply)
{
    operation *op = redis_of_call(call);
    const bool shared = note_shared(op, reply);

    if (op->put == NULL)
        return; /* an announcement */
    if (!shared)
        op->s->store.counters.unavailable++;
    op->put(op->arg, shared ? SIO_OK : SIO_ERR_UNAVAILABLE);
}

static void
put_late(sio_redis_call *call, const redisReply *reply)
{
    note_shared(redis_of_call(call), reply);
}

static sio_redis_call *
send_set(sio_redis_store *s, operation *op, sio_view data, uint64_t ttl_ms, bool only_if_absent)
{
    sio_redis_command   set = {.argc = 0};
    const sio_redis_key key = sio_redis_store_key(s, "hs:", id_of(op));
    char                ttl[24];

    snprintf(ttl, sizeof ttl, "%" PRIu64, ttl_ms);
    sio_redis_command_add(&set, SIO_VIEW("SET"));
    sio_redis_command_add(&set, (sio_view){key.text, key.len});
    sio_redis_command_add(&set, data);
    sio_redis_command_add(&set, SIO_VIEW("PX"));
    sio_redis_command_add(&set, sio_view_of(ttl));
    if (only_if_absent)
        sio_redis_command_add(&set, SIO_VIEW("NX"));
    return sio_redis_client_send(sio_redis_store_client(s, &key), &op->call, &set);
}

static sio_store_req *
redis_handshake_put(sio_store *self, sio_view id, sio_view data, uint64_t ttl_ms,
                    sio_store_put_cb cb, void *arg)
{
    sio_redis_store *s = sio_redis_store_of(self);
    const int        rc = sio_handshakes_put(s->local, id, data, ttl_ms);
    operation       *op;

    if (rc != SIO_OK) {
        cb(arg, rc);
        return NULL;
    }
    if ((op = redis_operation_new(s, id, put_answered, put_late, arg)) == NULL) {
        sio_handshakes_drop(s->local, id);
        cb(arg, SIO_ERR_NOMEM);
        return NULL;
    }
    op->put = cb;
    return request_of(send_set(s, op, data, ttl_ms, false));
}

/* Whose handshake it is. */
static sio_redis_client *
keeper_of(const sio_redis_store *s, sio_view id)
{
    const sio_redis_key key = sio_redis_store_key(s, "hs:", id);

    return sio_redis_store_client(s, &key);
}

/*
 * Redis is there (again): give it the handshakes that it has not confirmed. NX,
 * because the one whose confirmation was lost may still be there.
 */
static void
redis_announce(sio_redis_store *s, sio_redis_client *client)
{
    const uint64_t now_ms = sio_now_ms();

    s->no_getdel = false; /* perhaps another server */
    for (sio_handshake *h = NULL; (h = sio_handshakes_next(s->local, h)) != NULL;) {
        operation *op;

        if (h->shared || h->expires_ms <= now_ms || keeper_of(s, h->node.key) != client)
            continue;
        if (!sio_redis_client_well(client))
            return; /* enough pending: the rest stays local */
        if ((op = redis_operation_new(s, h->node.key, put_answered, put_late, NULL)) == NULL)
            return;
        send_set(s, op, h->data, h->expires_ms - now_ms, true);
    }
}

static void
on_node_up(void *arg, sio_redis_client *client)
{
    redis_announce(arg, client);
}

static void
on_home_up(void *arg)
{
    sio_redis_store *s = arg;

    if (s->cluster != NULL)
        sio_redis_cluster_note_home(s->cluster, true);
    redis_announce(s, s->client);
    sio_redis_data_expire_ended(s);
    sio_redis_instances_up(s);
}

static void
on_home_down(void *arg, const char *reason)
{
    sio_redis_store *s = arg;

    (void)reason; /* the link has logged it */
    if (s->cluster != NULL)
        sio_redis_cluster_note_home(s->cluster, false);
    sio_redis_instances_down(s);
}

/* --- Take: GETDEL <key>. --- */

static void
take_ends(sio_redis_store *s, int rc, sio_view data, sio_store_take_cb cb, void *arg)
{
    if (rc == SIO_OK)
        s->store.counters.hits++;
    else
        s->store.counters.misses++;
    cb(arg, rc, data);
}

static void
take_locally(sio_redis_store *s, sio_view id, sio_store_take_cb cb, void *arg)
{
    sio_handshake *found = sio_handshakes_take(s->local, id);

    if (found != NULL)
        take_ends(s, SIO_OK, found->data, cb, arg);
    else
        take_ends(s, SIO_ERR_NOT_FOUND, (sio_view){NULL, 0}, cb, arg);
    free(found);
}

static sio_redis_call *
redis_send_take(sio_redis_store *s, operation *op)
{
    sio_redis_command   getdel = {.argc = 0};
    const sio_redis_key key = sio_redis_store_key(s, "hs:", id_of(op));

    if (s->no_getdel)
        return sio_redis_client_get_and_delete(sio_redis_store_client(s, &key), &op->call,
                                               (sio_view){key.text, key.len});
    sio_redis_command_add(&getdel, SIO_VIEW("GETDEL"));
    sio_redis_command_add(&getdel, (sio_view){key.text, key.len});
    return sio_redis_client_send(sio_redis_store_client(s, &key), &op->call, &getdel);
}

/* GETDEL answers with the value, EXEC with an array of which it is the first. */
static const redisReply *
value_of(const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0)
        return reply->element[0];
    return reply;
}

static bool
is_unknown_command(const redisReply *reply)
{
    static const char text[] = "ERR unknown command";

    return reply->type == REDIS_REPLY_ERROR && strncasecmp(reply->str, text, sizeof text - 1) == 0;
}

/*
 * Redis has no such handshake. It was taken elsewhere or has expired, unless
 * Redis never confirmed that it knows it: then ours is the only copy.
 */
static void
take_absent(sio_redis_store *s, operation *op)
{
    const sio_handshake *local = sio_handshakes_find(s->local, id_of(op));

    if (local != NULL && local->shared)
        sio_handshakes_drop(s->local, id_of(op));
    take_locally(s, id_of(op), op->take, op->arg);
}

static void
redis_take_answered(sio_redis_call *call, const redisReply *reply)
{
    operation        *op = redis_of_call(call);
    sio_redis_store  *s = op->s;
    const redisReply *value;

    if (reply != NULL && is_unknown_command(reply) && !op->retried) {
        s->no_getdel = op->retried = true;
        redis_send_take(s, op);
        return;
    }
    if (reply != NULL)
        sio_redis_store_note_reply(s, reply);
    value = reply != NULL ? value_of(reply) : NULL;
    if (value != NULL && value->type == REDIS_REPLY_STRING) {
        sio_handshakes_drop(s->local, id_of(op));
        take_ends(s, SIO_OK, (sio_view){value->str, value->len}, op->take, op->arg);
    } else if (value != NULL && value->type == REDIS_REPLY_NIL) {
        take_absent(s, op);
    } else {
        s->store.counters.unavailable++;
        take_locally(s, id_of(op), op->take, op->arg);
    }
}

/* Redis has none any more; then a shared copy here has had its day as well. */
static void
redis_take_late(sio_redis_call *call, const redisReply *reply)
{
    operation     *op = redis_of_call(call);
    sio_handshake *local = sio_handshakes_find(op->s->local, id_of(op));

    if (local != NULL && local->shared && reply->type != REDIS_REPLY_ERROR)
        sio_handshakes_drop(op->s->local, id_of(op));
}

static sio_store_req *
redis_handshake_take(sio_store *self, sio_view id, sio_store_take_cb cb, void *arg)
{
    sio_redis_store *s = sio_redis_store_of(self);
    operation       *op = NULL;

    /*
     * When nobody would wait for the reply and the answer is "not found", do not
     * send: Redis, once awake, would give the handshake to nobody. Ours is taken
     * in Redis too, as soon as that wakes.
     */
    if (sio_redis_client_well(keeper_of(s, id)) || sio_handshakes_find(s->local, id) != NULL)
        op = redis_operation_new(s, id, redis_take_answered, redis_take_late, arg);
    if (op == NULL) {
        self->counters.unavailable++;
        take_locally(s, id, cb, arg);
        return NULL;
    }
    op->take = cb;
    return request_of(redis_send_take(s, op));
}

/* --- Life. --- */

static void
redis_store_free(sio_store *self)
{
    sio_redis_store *s = sio_redis_store_of(self);

    s->is_ending = true;
    sio_redis_bus_free(s->hearing.bus);
    sio_redis_client_free(s->client);
    sio_redis_channels_free(s->channels);
    sio_redis_shards_free(s->shards);
    sio_redis_tail_free(s->tail);
    sio_redis_sentinels_free(s->sentinels);
    sio_redis_cluster_free(s->cluster);
    sio_redis_tls_free(s->tls);
    sio_redis_wills_fini(s);
    sio_handshakes_free(s->local);
    sio_clients_free(s->clients);
    free(s);
}

/* The home, or another node. If the home can be used, the others are waited for. */
static void
redis_settled(void *arg)
{
    sio_redis_store *s = arg;

    if (s->is_home_settled && (s->cluster == NULL || !sio_redis_client_up(s->client) ||
                               sio_redis_cluster_is_settled(s->cluster)))
        sio_store_settle(&s->store);
}

static void
on_home_settled(void *arg)
{
    sio_redis_store *s = arg;

    s->is_home_settled = true;
    redis_settled(s);
}

static void
redis_handshake_limit(sio_store *self, size_t max_entries)
{
    sio_handshakes_set_max(sio_redis_store_of(self)->local, max_entries);
}

static const sio_store_ops redis_ops = {
    .handshake_put = redis_handshake_put,
    .handshake_take = redis_handshake_take,
    .handshake_limit = redis_handshake_limit,
    .client_set = sio_redis_data_set,
    .client_get = sio_redis_data_get,
    .client_has = sio_redis_data_has,
    .client_del = sio_redis_data_del,
    .client_expire = sio_redis_data_expire,
    .client_inherit = sio_redis_data_inherit,
    .instances = &sio_redis_instance_ops,
    .partitions = &sio_redis_partition_ops,
    .wills = &sio_redis_will_ops,
    .channels = &sio_redis_channel_ops,
    .once = &sio_redis_once_ops,
    .streams = &sio_redis_stream_ops,
    .leases = &sio_redis_lease_ops,
    .free = redis_store_free,
};

static int
open_sentinels(sio_redis_store *s)
{
    return sio_redis_sentinels_new(
        &s->sentinels,
        &(sio_redis_sentinels_cfg){
            .base = s->base, .url = &s->url, .tls = s->tls, .log = s->log, .log_arg = s->log_arg});
}

static int
open_cluster(sio_redis_store *s, size_t max_pending)
{
    const sio_redis_key home = sio_redis_store_home_key(s, "", SIO_VIEW(""));

    return sio_redis_cluster_new(&s->cluster,
                                 &(sio_redis_cluster_cfg){.base = s->base,
                                                          .url = &s->url,
                                                          .tls = s->tls,
                                                          .home = sio_redis_key_view(&home),
                                                          .max_pending = max_pending,
                                                          .up = on_node_up,
                                                          .settled = redis_settled,
                                                          .arg = s,
                                                          .log = s->log,
                                                          .log_arg = s->log_arg,
                                                          .counters = &s->store.counters});
}

int
sio_redis_store_new(sio_store **out, const sio_redis_store_cfg *cfg)
{
    sio_redis_store *s = calloc(1, sizeof *s);
    const char      *prefix = cfg->prefix != NULL ? cfg->prefix : "sio:";
    int              rc = SIO_ERR_NOMEM;

    if (s == NULL) {
        sio_redis_tls_free(cfg->tls);
        return SIO_ERR_NOMEM;
    }
    s->store.ops = &redis_ops;
    s->store.has_others = true;
    sio_link_init(&s->heirs);
    s->log = cfg->log;
    s->log_arg = cfg->log_arg;
    s->base = cfg->base;
    s->url = *cfg->url;
    s->tls = cfg->tls;
    s->bare_clients = cfg->bare_clients;
    s->store.counters.command_us = (sio_histogram){.first = 500, .factor = 2, .n_bounds = 16};
    s->max_publish_bytes =
        cfg->max_publish_bytes != 0 ? cfg->max_publish_bytes : SIO_REDIS_MAX_PUBLISH_BYTES;
    rc = SIO_ERR_CONFIG;
    if (strlen(prefix) > SIO_REDIS_MAX_PREFIX)
        goto fail;
    memcpy(s->prefix, prefix, strlen(prefix) + 1);
    memcpy(s->hearing.partitions.prefix, prefix, strlen(prefix) + 1);
    rc = sio_handshakes_new(&s->local, cfg->base, &cfg->limits, &s->store.counters);
    if (rc != SIO_OK)
        goto fail;
    if ((rc = sio_clients_new(&s->clients, &s->store.counters)) != SIO_OK)
        goto fail;
    if (cfg->url->n_sentinels > 0 && (rc = open_sentinels(s)) != SIO_OK)
        goto fail;
    if (cfg->url->n_seeds > 0 && (rc = open_cluster(s, cfg->max_pending)) != SIO_OK)
        goto fail;
    rc = sio_redis_client_new(&s->client,
                              &(sio_redis_link_cfg){.base = cfg->base,
                                                    .url = cfg->url,
                                                    .primary = sio_redis_store_primary(s),
                                                    .tls = s->tls,
                                                    .up = on_home_up,
                                                    .down = on_home_down,
                                                    .log = cfg->log,
                                                    .settled = on_home_settled,
                                                    .arg = s,
                                                    .settled_arg = s,
                                                    .log_arg = cfg->log_arg,
                                                    .counters = &s->store.counters},
                              cfg->max_pending);
    if (rc != SIO_OK)
        goto fail;
    *out = &s->store;
    return SIO_OK;

fail:
    redis_store_free(&s->store);
    return rc;
}
