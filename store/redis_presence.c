#include "store/redis_presence.h"

#include "store/redis_post.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 20 };

static sio_redis_key
connection_key(const sio_redis_store *s, sio_view tag)
{
    return sio_redis_store_home_key(s, "conn:", tag);
}

/* Before Redis 6.2, or without the right to ask: then silence is all that tells of an end. */
static void
note_blind(sio_redis_store *s, const redisReply *reply)
{
    if (!s->hearing.is_blind)
        sio_redis_store_log(s, SIO_STORE_WARN,
                            "does not say who is connected; instances that are killed are found by "
                            "their silence alone",
                            reply->str);
    s->hearing.is_blind = true;
}

/* --- This instance: CLIENT ID, and SET <conn> <id>[@<where>]. --- */

typedef struct {
    sio_redis_call   call; /* first: the client frees it */
    sio_redis_store *s;
} question;

void
sio_redis_presence_tell(sio_redis_store *s, sio_view tag)
{
    const sio_redis_key key = connection_key(s, tag);
    const char         *where = sio_redis_client_where(s->client);
    char                text[MAX_DIGITS + 1 + SIO_REDIS_MAX_NAME];

    s->hearing.is_there = s->hearing.is_there || sio_redis_client_up(s->client);
    if (s->hearing.connection == 0)
        return;
    snprintf(text, sizeof text, "%" PRIu64 "%s%s", s->hearing.connection,
             where[0] != '\0' ? "@" : "", where);
    sio_redis_post_value(s, &key, sio_view_of(text), SIO_REDIS_SETS_TTL_MS);
}

void
sio_redis_presence_forget(sio_redis_store *s, sio_view tag)
{
    const sio_redis_key key = connection_key(s, tag);

    if (sio_view_eq(tag, (sio_view){s->hearing.tag, sizeof s->hearing.tag}))
        s->hearing.is_there = false;
    sio_redis_post_command(s, "DEL", &key, NULL);
}

static void
id_answered(sio_redis_call *call, const redisReply *reply)
{
    sio_redis_store *s = ((question *)(void *)call)->s;

    if (reply == NULL)
        return; /* the connection is gone, and with it what it was called */
    if (reply->type == REDIS_REPLY_ERROR)
        note_blind(s, reply);
    if (reply->type != REDIS_REPLY_INTEGER || reply->integer <= 0)
        return;
    s->hearing.connection = (uint64_t)reply->integer;
    if (s->hearing.is_there)
        sio_redis_presence_tell(s, (sio_view){s->hearing.tag, sizeof s->hearing.tag});
}

void
sio_redis_presence_begin(sio_redis_store *s)
{
    sio_redis_command c = {.argc = 0};
    question         *q = calloc(1, sizeof *q);

    if (q == NULL)
        return; /* others can not tell, then */
    q->call.answer = id_answered;
    q->call.exempt = true;
    q->s = s;
    sio_redis_command_add(&c, SIO_VIEW("CLIENT"));
    sio_redis_command_add(&c, SIO_VIEW("ID"));
    if (!sio_redis_client_post(s->client, &q->call, &c))
        free(q);
}

void
sio_redis_presence_end(sio_redis_store *s)
{
    s->hearing.connection = 0;
}

/* --- Others: PUBSUB NUMSUB <to>, then GET <conn>, then CLIENT LIST ID <id>. --- */

typedef struct {
    sio_redis_call    call; /* first: the client frees it */
    sio_store_req     req;  /* what the caller holds */
    sio_redis_store  *s;
    sio_store_done_cb done;
    void             *arg;
    char              tag[SIO_STORE_TAG_LEN];
} probe;

static probe *
probe_of(sio_redis_call *call)
{
    return (probe *)(void *)call;
}

static void
probe_cancel(sio_store_req *req)
{
    sio_redis_call_cancel(&((probe *)(void *)((char *)req - offsetof(probe, req)))->call);
}

static void
probe_finish(probe *p, int rc)
{
    if (rc == SIO_ERR_UNAVAILABLE)
        p->s->store.counters.unavailable++;
    p->done(p->arg, rc);
}

static void
ignore_late(sio_redis_call *call, const redisReply *reply)
{
    (void)call;
    (void)reply;
}

/* A line for each connection: there is one, or none. */
static void
listed(sio_redis_call *call, const redisReply *reply)
{
    probe *p = probe_of(call);
    int    rc = SIO_ERR_UNAVAILABLE;

    if (reply != NULL && reply->type == REDIS_REPLY_STRING)
        rc = reply->len > 0 ? SIO_OK : SIO_ERR_NOT_FOUND;
    else if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
        note_blind(p->s, reply);
    probe_finish(p, rc);
}

/*
 * The id; empty: there is none that means something here. Behind a change of the primary a replica
 * has what was written at the last one, where the same number was another connection.
 */
static sio_view
connection_id(const probe *p, const redisReply *reply)
{
    const char *where = sio_redis_client_where(p->s->client);
    sio_view    id, at;

    if (reply == NULL || reply->type != REDIS_REPLY_STRING)
        return SIO_VIEW("");
    id = (sio_view){reply->str, strspn(reply->str, "0123456789")};
    at = (sio_view){reply->str + id.len, reply->len - id.len};
    if (where[0] != '\0' && at.len > 0 && at.data[0] == '@')
        at = (sio_view){at.data + 1, at.len - 1};
    return id.len <= MAX_DIGITS && sio_view_eq(at, sio_view_of(where)) ? id : SIO_VIEW("");
}

/* Without the key it is an instance that never wrote it, or Redis has lost its memory. */
static void
called(sio_redis_call *call, const redisReply *reply)
{
    sio_redis_command c = {.argc = 0};
    probe            *p = probe_of(call);
    const sio_view    id = connection_id(p, reply);

    if (id.len == 0) {
        probe_finish(p, SIO_ERR_UNAVAILABLE);
        return;
    }
    p->call.answer = listed;
    sio_redis_command_add(&c, SIO_VIEW("CLIENT"));
    sio_redis_command_add(&c, SIO_VIEW("LIST"));
    sio_redis_command_add(&c, SIO_VIEW("ID"));
    sio_redis_command_add(&c, id);
    (void)sio_redis_client_send(p->s->client, &p->call, &c);
}

static void
ask_what_it_is_called(probe *p)
{
    const sio_redis_key key = connection_key(p->s, (sio_view){p->tag, sizeof p->tag});
    sio_redis_command   c = {.argc = 0};

    p->call.answer = called;
    sio_redis_command_add(&c, SIO_VIEW("GET"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    (void)sio_redis_client_send(p->s->client, &p->call, &c);
}

/* [channel, number of subscribers] */
static void
counted(sio_redis_call *call, const redisReply *reply)
{
    probe *p = probe_of(call);

    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        reply->element[1]->type != REDIS_REPLY_INTEGER)
        probe_finish(p, SIO_ERR_UNAVAILABLE);
    else if (reply->element[1]->integer > 0)
        probe_finish(p, SIO_OK);
    else
        ask_what_it_is_called(p);
}

static sio_store_req *
send_probe(probe *p)
{
    const sio_redis_key key =
        sio_redis_store_home_key(p->s, "to:", (sio_view){p->tag, sizeof p->tag});
    sio_redis_command c = {.argc = 0};
    sio_redis_call   *sent;

    sio_redis_command_add(&c, SIO_VIEW("PUBSUB"));
    sio_redis_command_add(&c, SIO_VIEW("NUMSUB"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    sent = sio_redis_client_send(p->s->client, &p->call, &c);
    return sent != NULL ? &probe_of(sent)->req : NULL;
}

sio_store_req *
sio_redis_presence_probe(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    probe *p = calloc(1, sizeof *p);

    if (p == NULL) {
        cb(arg, SIO_ERR_NOMEM);
        return NULL;
    }
    p->call.answer = counted;
    p->call.late = ignore_late;
    p->req.cancel = probe_cancel;
    p->s = sio_redis_store_of(self);
    p->done = cb;
    p->arg = arg;
    memcpy(p->tag, tag.data, sizeof p->tag);
    return send_probe(p);
}
