#include "store/redis_shards.h"

#include "store/hash.h"
#include "store/redis_count.h"
#include "store/redis_link.h"
#include "store/redis_post.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    sio_hash_node node; /* by its name */
    size_t        n_joins;
    char          name[];
} shard;

struct sio_redis_shards {
    sio_redis_store *s;
    sio_redis_link  *link;
    sio_hash         shards;
    sio_store_heard  heard;
    void            *arg;
    bool             said; /* the log knows that they are not heard */
};

/* --- Hearing. --- */

static sio_view
shards_text_of(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_STRING)
        return (sio_view){"", 0};
    return (sio_view){reply->str, reply->len};
}

static void
note_refused(sio_redis_shards *h, const char *why)
{
    if (!h->said)
        sio_redis_store_log(h->s, SIO_STORE_ERROR,
                            "has no sharded channels, which are of Redis 7 and later", why);
    h->said = true;
}

/* ["smessage", channel, bytes], a confirmation of one name, or that something was refused. */
static void
on_pushed(void *arg, const redisReply *reply)
{
    sio_redis_shards *h = arg;

    if (reply->type == REDIS_REPLY_ERROR)
        note_refused(h, reply->str);
    else if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 &&
             sio_view_eq(shards_text_of(reply->element[0]), SIO_VIEW("smessage")))
        h->heard(h->arg, shards_text_of(reply->element[1]), shards_text_of(reply->element[2]));
}

static bool
shards_send(sio_redis_shards *h, const char *verb, const shard *one)
{
    const char  *argv[] = {verb, one->name};
    const size_t len[] = {strlen(verb), one->node.key.len};

    return sio_redis_link_send(h->link, 2, argv, len);
}

static void
on_shards_up(void *arg)
{
    sio_redis_shards *h = arg;

    sio_redis_link_take(h->link, on_pushed, h);
    for (sio_hash_node *n = NULL; (n = sio_hash_next(&h->shards, n)) != NULL;)
        if (!shards_send(h, "SSUBSCRIBE", SIO_CONTAINER(n, shard, node))) {
            sio_redis_link_drop(h->link, "out of memory");
            return;
        }
}

/* --- What is joined. --- */

static sio_redis_shards *
shards_of(sio_store *self)
{
    return sio_redis_store_of(self)->shards;
}

static void
shards_tell(sio_redis_shards *h, const char *verb, const shard *one)
{
    if (sio_redis_link_context(h->link) != NULL && !shards_send(h, verb, one))
        sio_redis_link_drop(h->link, "out of memory");
}

static int
redis_shards_join(sio_store *self, sio_view name)
{
    sio_redis_shards *h = shards_of(self);
    sio_hash_node    *known = sio_hash_find(&h->shards, name);
    shard            *one =
        known != NULL ? SIO_CONTAINER(known, shard, node) : calloc(1, sizeof *one + name.len);

    if (one == NULL)
        return SIO_ERR_NOMEM;
    one->n_joins++;
    if (known != NULL)
        return SIO_OK;
    memcpy(one->name, name.data, name.len);
    one->node.key = (sio_view){one->name, name.len};
    sio_hash_insert(&h->shards, &one->node);
    shards_tell(h, "SSUBSCRIBE", one);
    return SIO_OK;
}

static void
redis_shards_leave(sio_store *self, sio_view name)
{
    sio_redis_shards *h = shards_of(self);
    sio_hash_node    *known = sio_hash_find(&h->shards, name);
    shard            *one;

    if (known == NULL)
        return;
    one = SIO_CONTAINER(known, shard, node);
    if (--one->n_joins > 0)
        return;
    sio_hash_remove(&h->shards, known);
    shards_tell(h, "SUNSUBSCRIBE", one);
    free(one);
}

/* --- Life. --- */

static int
redis_shards_hear(sio_store *self, sio_store_heard heard, void *arg)
{
    sio_redis_store         *s = sio_redis_store_of(self);
    sio_redis_shards        *h = calloc(1, sizeof *h);
    const sio_redis_link_cfg link_cfg = {.base = s->base,
                                         .url = &s->url,
                                         .primary = sio_redis_store_primary(s),
                                         .tls = s->tls,
                                         .form = SIO_REDIS_REPLIES_FLAT,
                                         .up = on_shards_up,
                                         .arg = h};

    if (h == NULL)
        return SIO_ERR_NOMEM;
    *h = (sio_redis_shards){.s = s, .heard = heard, .arg = arg};
    if (sio_hash_init(&h->shards) != SIO_OK || sio_redis_link_new(&h->link, &link_cfg) != SIO_OK) {
        sio_redis_shards_free(h);
        return SIO_ERR_NOMEM;
    }
    s->shards = h;
    return SIO_OK;
}

void
sio_redis_shards_free(sio_redis_shards *h)
{
    sio_hash_node *n;

    if (h == NULL)
        return;
    sio_redis_link_free(h->link);
    while ((n = sio_hash_any(&h->shards)) != NULL) {
        sio_hash_remove(&h->shards, n);
        free(SIO_CONTAINER(n, shard, node));
    }
    sio_hash_fini(&h->shards);
    free(h);
}

static int
redis_shards_publish(sio_store *self, sio_view channel, sio_view bytes)
{
    const sio_redis_addressee to = {.is_sharded = true};

    return sio_redis_post_message(sio_redis_store_of(self), channel, bytes, &to);
}

static void
redis_shards_count(sio_store *self, sio_view channel, sio_store_counted fn, void *arg,
                   uint64_t number)
{
    sio_redis_count_ask(sio_redis_store_of(self), "SHARDNUMSUB", channel, fn, arg, number);
}

const struct sio_store_shard_ops sio_redis_shard_ops = {
    .count = redis_shards_count,
    .hear = redis_shards_hear,
    .join = redis_shards_join,
    .leave = redis_shards_leave,
    .publish = redis_shards_publish,
};
