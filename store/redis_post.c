#include "store/redis_post.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    sio_redis_call   call; /* first: the client frees it */
    sio_redis_store *s;
    size_t           n_bytes; /* of a message: what it takes of the bound */
    bool             is_message, is_cast;
    bool             is_direct; /* a message to the instance with this tag */
    char             tag[SIO_STORE_TAG_LEN];
} posted;

/* Did a message to one instance reach none? */
static bool
is_unheard(const posted *p, const redisReply *reply)
{
    return p->is_direct && reply != NULL && reply->type == REDIS_REPLY_INTEGER &&
           reply->integer == 0;
}

static void
redis_post_answered(sio_redis_call *call, const redisReply *reply)
{
    posted          *p = (posted *)(void *)call;
    sio_redis_store *s = p->s;

    s->publish_bytes -= p->n_bytes;
    if (reply != NULL)
        sio_redis_store_note_reply(s, reply);
    if (p->is_message && (reply == NULL || reply->type == REDIS_REPLY_ERROR))
        s->store.counters.publishes_lost++;
    else if (p->is_cast && s->hearing.bus != NULL)
        sio_redis_bus_cast_confirmed(s->hearing.bus);
    if (is_unheard(p, reply) && s->hearing.up && s->hearing.ears.unheard != NULL)
        s->hearing.ears.unheard(s->hearing.ears.arg, (sio_view){p->tag, sizeof p->tag});
}

static posted *
posted_new(sio_redis_store *s)
{
    posted *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->call.answer = redis_post_answered;
    p->s = s;
    return p;
}

int
sio_redis_post_message(sio_redis_store *s, sio_view channel, sio_view bytes,
                       const sio_redis_addressee *to)
{
    sio_redis_command c = {.argc = 0};
    posted           *p;

    if (!sio_redis_client_up(s->client))
        return SIO_ERR_UNAVAILABLE;
    if (s->publish_bytes >= s->max_publish_bytes || (p = posted_new(s)) == NULL)
        return SIO_ERR_FULL;
    p->is_message = true;
    p->is_cast = to->is_cast;
    p->is_direct = to->tag.len == sizeof p->tag;
    if (p->is_direct)
        memcpy(p->tag, to->tag.data, sizeof p->tag);
    p->n_bytes = bytes.len;
    sio_redis_command_add(&c, to->is_sharded ? SIO_VIEW("SPUBLISH") : SIO_VIEW("PUBLISH"));
    sio_redis_command_add(&c, channel);
    sio_redis_command_add(&c, bytes);
    if (!sio_redis_client_post(s->client, &p->call, &c)) {
        free(p);
        return SIO_ERR_FULL;
    }
    s->publish_bytes += bytes.len;
    if (to->is_cast && s->hearing.bus != NULL)
        sio_redis_bus_cast_sent(s->hearing.bus);
    return SIO_OK;
}

int
sio_redis_post_entry(sio_redis_store *s, sio_view stream, const sio_stream_field *fields, size_t n,
                     size_t max_entries)
{
    sio_redis_command c = {.argc = 0};
    posted           *p;
    char              max[24];

    if (!sio_redis_client_up(s->client))
        return SIO_ERR_UNAVAILABLE;
    if (s->publish_bytes >= s->max_publish_bytes || (p = posted_new(s)) == NULL)
        return SIO_ERR_FULL;
    p->is_message = true;
    snprintf(max, sizeof max, "%zu", max_entries);
    sio_redis_command_add(&c, SIO_VIEW("XADD"));
    sio_redis_command_add(&c, stream);
    sio_redis_command_add(&c, SIO_VIEW("MAXLEN"));
    sio_redis_command_add(&c, SIO_VIEW("~"));
    sio_redis_command_add(&c, sio_view_of(max));
    sio_redis_command_add(&c, SIO_VIEW("*"));
    for (size_t i = 0; i < n; i++) {
        sio_redis_command_add(&c, fields[i].name);
        sio_redis_command_add(&c, fields[i].value);
        p->n_bytes += fields[i].name.len + fields[i].value.len;
    }
    s->publish_bytes += p->n_bytes;
    if (sio_redis_client_post(s->client, &p->call, &c))
        return SIO_OK;
    s->publish_bytes -= p->n_bytes;
    free(p);
    return SIO_ERR_FULL;
}

int
sio_redis_post_member(sio_redis_store *s, const char *verb, const sio_redis_key *key,
                      sio_view member)
{
    sio_redis_command c = {.argc = 0};
    sio_redis_client *client = sio_redis_store_client(s, key);
    posted           *p;

    if (!sio_redis_client_up(client))
        return SIO_ERR_UNAVAILABLE;
    if (s->publish_bytes >= s->max_publish_bytes || (p = posted_new(s)) == NULL)
        return SIO_ERR_FULL;
    p->n_bytes = member.len;
    sio_redis_command_add(&c, sio_view_of(verb));
    sio_redis_command_add(&c, sio_redis_key_view(key));
    sio_redis_command_add(&c, member);
    if (!sio_redis_client_post(client, &p->call, &c)) {
        free(p);
        return SIO_ERR_FULL;
    }
    s->publish_bytes += member.len;
    return SIO_OK;
}

void
sio_redis_post_command(sio_redis_store *s, const char *verb, const sio_redis_key *key,
                       const sio_view *word)
{
    sio_redis_command c = {.argc = 0};
    posted           *p = posted_new(s);

    if (p == NULL)
        return; /* as when Redis is away */
    /* Their number is that of the sessions which came and went since Redis answered last. */
    p->call.exempt = true;
    sio_redis_command_add(&c, sio_view_of(verb));
    sio_redis_command_add(&c, sio_redis_key_view(key));
    if (word != NULL)
        sio_redis_command_add(&c, *word);
    if (!sio_redis_client_post(sio_redis_store_client(s, key), &p->call, &c))
        free(p);
}

/* SET <key> <value> PX <ttl_ms>; p is taken. False: it was not sent. */
static bool
post_set(sio_redis_client *client, posted *p, sio_view key, sio_view value, uint64_t ttl_ms)
{
    sio_redis_command c = {.argc = 0};
    char              ttl[24];

    snprintf(ttl, sizeof ttl, "%" PRIu64, ttl_ms);
    sio_redis_command_add(&c, SIO_VIEW("SET"));
    sio_redis_command_add(&c, key);
    sio_redis_command_add(&c, value);
    sio_redis_command_add(&c, SIO_VIEW("PX"));
    sio_redis_command_add(&c, sio_view_of(ttl));
    if (sio_redis_client_post(client, &p->call, &c))
        return true;
    free(p);
    return false;
}

void
sio_redis_post_value(sio_redis_store *s, const sio_redis_key *key, sio_view value, uint64_t ttl_ms)
{
    posted *p = posted_new(s);

    if (p == NULL)
        return;
    p->call.exempt = true; /* one for each beat */
    (void)post_set(sio_redis_store_client(s, key), p, sio_redis_key_view(key), value, ttl_ms);
}

int
sio_redis_post_lasting(sio_redis_store *s, sio_view key, sio_view value, uint64_t ttl_ms)
{
    posted *p;

    if (!sio_redis_client_up(s->client))
        return SIO_ERR_UNAVAILABLE;
    if (s->publish_bytes >= s->max_publish_bytes || (p = posted_new(s)) == NULL)
        return SIO_ERR_FULL;
    p->n_bytes = value.len;
    p->call.exempt = true; /* the bound of bytes is enough, as many clients may leave at once */
    if (!post_set(s->client, p, key, value, ttl_ms))
        return SIO_ERR_FULL;
    s->publish_bytes += value.len;
    return SIO_OK;
}

void
sio_redis_post_expiry(sio_redis_store *s, const sio_redis_key *key, uint64_t ttl_ms)
{
    char     text[24];
    sio_view ttl;

    snprintf(text, sizeof text, "%" PRIu64, ttl_ms);
    ttl = sio_view_of(text);
    sio_redis_post_command(s, "PEXPIRE", key, &ttl);
}
