#include "store/redis_channels.h"

#include "store/redis_count.h"
#include "store/redis_link.h"
#include "store/redis_post.h"
#include "store/redis_shards.h"
#include "store/redis_tail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* hiredis remembers the name of each channel as long as the connection, which may have so many. */
enum { MAX_LEFT = 50000 };

/* A channel that came later. */
typedef struct {
    sio_link link; /* in joined */
    size_t   len;
    char     name[];
} joined_channel;

struct sio_redis_channels {
    sio_redis_store   *s;
    sio_redis_link    *link;
    const char *const *names, *const *patterns;
    sio_link        joined;
    unsigned        n_left; /* on this connection */
    sio_store_heard heard;
    void           *arg;
    unsigned        n_failures; /* in a row */
    bool            said;       /* the log knows that they are not heard */
};

/* --- Log: silent when the connection for commands has something to say, too. --- */

/* A first loss waits for the next attempt, which may end it. */
static void
on_redis_channels_down(void *arg, const char *reason)
{
    sio_redis_channels *c = arg;

    if (++c->n_failures < 2 || c->said || !sio_redis_client_up(c->s->client))
        return;
    sio_redis_store_log(c->s, SIO_STORE_WARN, "does not let us hear the channels of other programs",
                        reason);
    c->said = true;
}

static void
note_present(sio_redis_channels *c)
{
    if (c->said)
        sio_redis_store_log(c->s, SIO_STORE_INFO,
                            "lets us hear the channels of other programs again", NULL);
    c->said = false;
    c->n_failures = 0;
}

/* --- Hearing. --- */

static sio_view
redis_channels_text_of(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_STRING)
        return (sio_view){"", 0};
    return (sio_view){reply->str, reply->len};
}

/*
 * ["message", <channel>, <bytes>], ["pmessage", <pattern>, <channel>, <bytes>], or the confirmation
 * of one name or pattern; NULL at the end.
 */
static void
on_redis_channels_reply(redisAsyncContext *ac, void *r, void *arg)
{
    sio_redis_channels *c = arg;
    const redisReply   *reply = r;
    sio_view            kind;

    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements < 3 ||
        ac != sio_redis_link_context(c->link))
        return;
    kind = redis_channels_text_of(reply->element[0]);
    if (sio_view_eq(kind, SIO_VIEW("message")))
        c->heard(c->arg, redis_channels_text_of(reply->element[1]),
                 redis_channels_text_of(reply->element[2]));
    else if (sio_view_eq(kind, SIO_VIEW("pmessage")) && reply->elements == 4)
        c->heard(c->arg, redis_channels_text_of(reply->element[2]),
                 redis_channels_text_of(reply->element[3]));
    else
        note_present(c);
}

/* verb <name>... */
static bool
send_list(sio_redis_channels *c, const char *verb, const char *const *list)
{
    enum { MAX_WORDS = 32 };
    const char *argv[MAX_WORDS] = {verb};
    int         argc = 1;

    for (; *list != NULL && argc < MAX_WORDS; list++)
        argv[argc++] = *list;
    return argc == 1 ||
           redisAsyncCommandArgv(sio_redis_link_context(c->link), on_redis_channels_reply, c, argc,
                                 argv, NULL) == REDIS_OK;
}

static bool
send_one(sio_redis_channels *c, const char *verb, const joined_channel *j)
{
    const char  *argv[] = {verb, j->name};
    const size_t len[] = {strlen(verb), j->len};

    return redisAsyncCommandArgv(sio_redis_link_context(c->link), on_redis_channels_reply, c, 2,
                                 argv, len) == REDIS_OK;
}

static bool
send_joined(sio_redis_channels *c)
{
    for (sio_link *l = c->joined.next; l != &c->joined; l = l->next)
        if (!send_one(c, "SUBSCRIBE", SIO_CONTAINER(l, joined_channel, link)))
            return false;
    return true;
}

static void
redis_channels_subscribe(void *arg)
{
    sio_redis_channels *c = arg;

    c->n_left = 0;
    if (!send_list(c, "SUBSCRIBE", c->names) || !send_list(c, "PSUBSCRIBE", c->patterns) ||
        !send_joined(c))
        sio_redis_link_drop(c->link, "out of memory");
}

/* --- Channels that come later. --- */

static sio_redis_channels *
redis_channels_of(sio_store *self)
{
    return sio_redis_store_of(self)->channels;
}

static int
redis_channels_join(sio_store *self, sio_view name)
{
    sio_redis_channels *c = redis_channels_of(self);
    joined_channel     *j = calloc(1, sizeof *j + name.len);

    if (j == NULL)
        return SIO_ERR_NOMEM;
    j->len = name.len;
    memcpy(j->name, name.data, name.len);
    sio_link_init(&j->link);
    sio_link_append(&c->joined, &j->link);
    if (sio_redis_link_context(c->link) != NULL && !send_one(c, "SUBSCRIBE", j))
        sio_redis_link_drop(c->link, "out of memory");
    return SIO_OK;
}

static void
joined_free(joined_channel *j)
{
    sio_link_remove(&j->link);
    free(j);
}

static void
redis_channels_leave(sio_store *self, sio_view name)
{
    sio_redis_channels *c = redis_channels_of(self);

    for (sio_link *l = c->joined.next; l != &c->joined; l = l->next) {
        joined_channel *j = SIO_CONTAINER(l, joined_channel, link);

        if (!sio_view_eq((sio_view){j->name, j->len}, name))
            continue;
        if (sio_redis_link_context(c->link) != NULL &&
            (!send_one(c, "UNSUBSCRIBE", j) || ++c->n_left > MAX_LEFT))
            sio_redis_link_drop(c->link, "it remembers too many channels");
        joined_free(j);
        return;
    }
}

/* --- Life. --- */

static int
redis_channels_hear(sio_store *self, const char *const *names, const char *const *patterns,
                    sio_store_heard heard, void *arg)
{
    sio_redis_store         *s = sio_redis_store_of(self);
    sio_redis_channels      *c = calloc(1, sizeof *c);
    const sio_redis_link_cfg link_cfg = {.base = s->base,
                                         .url = &s->url,
                                         .primary = sio_redis_store_primary(s),
                                         .tls = s->tls,
                                         .form = SIO_REDIS_REPLIES_HEARD,
                                         .up = redis_channels_subscribe,
                                         .down = on_redis_channels_down,
                                         .arg = c};

    if (c == NULL)
        return SIO_ERR_NOMEM;
    *c = (sio_redis_channels){
        .s = s, .names = names, .patterns = patterns, .heard = heard, .arg = arg};
    sio_link_init(&c->joined);
    if (sio_redis_link_new(&c->link, &link_cfg) != SIO_OK) {
        free(c);
        return SIO_ERR_NOMEM;
    }
    s->channels = c;
    return SIO_OK;
}

void
sio_redis_channels_free(sio_redis_channels *c)
{
    if (c == NULL)
        return;
    sio_redis_link_free(c->link);
    while (!sio_link_empty(&c->joined))
        joined_free(SIO_CONTAINER(c->joined.next, joined_channel, link));
    free(c);
}

static int
redis_channels_publish(sio_store *self, sio_view channel, sio_view bytes)
{
    const sio_redis_addressee to = {.is_cast = false};

    return sio_redis_post_message(sio_redis_store_of(self), channel, bytes, &to);
}

static void
redis_channels_count(sio_store *self, sio_view channel, sio_store_counted fn, void *arg,
                     uint64_t number)
{
    sio_redis_count_ask(sio_redis_store_of(self), "NUMSUB", channel, fn, arg, number);
}

const struct sio_store_channel_ops sio_redis_channel_ops = {
    .shards = &sio_redis_shard_ops,
    .tail = &sio_redis_tail_ops,
    .count = redis_channels_count,
    .hear = redis_channels_hear,
    .join = redis_channels_join,
    .leave = redis_channels_leave,
    .publish = redis_channels_publish,
};
