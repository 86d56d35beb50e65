#include "store/redis_stream_reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/clock.h"
#include "store/redis_link.h"
#include "store/redis_replies.h"

enum {
    BLOCK_MS = 2500,     /* so long Redis waits for something new */
    PATIENCE_MS = 30000, /* for a reply, which may be long */
    PAUSE_MS = 1000,     /* after a refusal */
    /*
     * Entries that were given to another reader of this consumer, which is gone, come to light when
     * what is not acknowledged is looked at again.
     */
    LOOK_MS = 2500,
    MAX_NAME = 64
};

/*
 *     AWAY ── up ──> MAKING ──> IDLE ── next ──> READING ──> IDLE ...
 *                      └─ refused ─> PAUSED ─ in a second ─> MAKING
 */
typedef enum { AWAY, MAKING, PAUSED, IDLE, READING } reader_state;

typedef struct {
    sio_stream_reader     reader; /* first */
    sio_redis_store      *s;
    sio_stream_reader_cfg cfg;
    sio_redis_key         stream;
    sio_redis_route       route; /* in Redis Cluster: where that is */
    char                  group[MAX_NAME], consumer[MAX_NAME];
    sio_redis_link       *link;
    struct event         *timer; /* the end of patience, or of a pause */
    reader_state          state;
    bool                  is_wanted; /* to read on */
    bool                  is_new;    /* what nobody was given yet is read; else: behind `cursor` */
    char                  cursor[SIO_STREAM_MAX_ID + 1];
    uint64_t              looked_ms; /* when all was read that is not acknowledged */
    unsigned              count;     /* at once */
    bool                  is_cut;    /* a single one was too large */
    bool                  said;      /* the log knows that Redis refuses */
} redis_reader;

static redis_reader *
reader_of(sio_stream_reader *self)
{
    return (redis_reader *)(void *)self;
}

static void
reader_arm(redis_reader *r, uint64_t ms)
{
    const struct timeval wait = sio_timeval_ms(ms);

    event_add(r->timer, &wait);
}

static void
look_from_the_beginning(redis_reader *r)
{
    r->is_new = false;
    memcpy(r->cursor, "0", 2);
}

static void
reader_send(redis_reader *r, redisCallbackFn *fn, sio_redis_command *c)
{
    redisAsyncContext *ac = sio_redis_link_context(r->link);

    if (redisAsyncCommandArgv(ac, fn, r, c->argc, c->argv, c->len) == REDIS_OK)
        reader_arm(r, PATIENCE_MS);
    else
        sio_redis_link_drop(r->link, "out of memory");
}

/* Is the reply of a connection that is gone? */
static bool
is_stale(const redis_reader *r, const redisAsyncContext *ac, const redisReply *reply)
{
    return reply == NULL || ac != sio_redis_link_context(r->link);
}

static void
be_refused(redis_reader *r, const redisReply *reply)
{
    if (!r->said)
        sio_redis_store_log(r->s, SIO_STORE_WARN, "does not let us read a stream; trying again",
                            reply->type == REDIS_REPLY_ERROR ? reply->str : "another reply");
    r->said = true;
    r->state = PAUSED;
    reader_arm(r, PAUSE_MS);
    if (reply->type == REDIS_REPLY_ERROR)
        sio_redis_link_refused(r->link, reply->str);
}

/* --- What was read. --- */

static sio_view
reader_text_of(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_STRING)
        return (sio_view){"", 0};
    return (sio_view){reply->str, reply->len};
}

/* [id, [name, value, ...]], or [id, nil] when it is there no more. False: it is no entry. */
static bool
tell_entry(redis_reader *r, const redisReply *entry)
{
    sio_stream_field  fields[SIO_STREAM_MAX_FIELDS];
    const redisReply *pairs;
    sio_view          id;
    size_t            n = 0;

    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2)
        return false;
    id = reader_text_of(entry->element[0]);
    if (id.len == 0 || id.len > SIO_STREAM_MAX_ID)
        return false;
    pairs = entry->element[1];
    for (size_t i = 0; pairs->type == REDIS_REPLY_ARRAY && i + 1 < pairs->elements; i += 2)
        if (n < SIO_STREAM_MAX_FIELDS)
            fields[n++] = (sio_stream_field){reader_text_of(pairs->element[i]),
                                             reader_text_of(pairs->element[i + 1])};
    memcpy(r->cursor, id.data, id.len);
    r->cursor[id.len] = '\0';
    r->cfg.entry(r->cfg.arg, id, fields, n, false);
    return true;
}

/* What is not acknowledged was looked at long ago: the next time it is. */
static void
note_progress(redis_reader *r)
{
    r->state = IDLE;
    r->is_cut = false;
    r->said = false;
    if (r->is_new && sio_now_ms() - r->looked_ms >= LOOK_MS)
        look_from_the_beginning(r);
}

static void read_on(redis_reader *r);

static void
end_read(redis_reader *r)
{
    r->is_wanted = false;
    r->cfg.read(r->cfg.arg);
}

/* All that was given and not acknowledged has been read: now to what is new. */
static void
go_to_new(redis_reader *r)
{
    r->is_new = true;
    r->count = SIO_STREAM_READ_COUNT;
    r->looked_ms = sio_now_ms();
}

/* [[stream, [entry, ...]]] in all replies but one: nil, when there was nothing new. */
static const redisReply *
entries_of(const redisReply *reply)
{
    const redisReply *stream;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1)
        return NULL;
    stream = reply->element[0];
    if (stream->type != REDIS_REPLY_ARRAY || stream->elements != 2 ||
        stream->element[1]->type != REDIS_REPLY_ARRAY)
        return NULL;
    return stream->element[1];
}

static void
tell_entries(redis_reader *r, const redisReply *entries)
{
    const bool was_new = r->is_new;
    bool       is_good = true;

    for (size_t i = 0; is_good && i < entries->elements; i++)
        is_good = tell_entry(r, entries->element[i]);
    if (!is_good) {
        sio_redis_link_drop(r->link, "it said what is no entry of a stream");
        return;
    }
    if (!was_new && entries->elements == 0)
        go_to_new(r);
    note_progress(r);
    if (entries->elements > 0)
        end_read(r);
    else
        read_on(r);
}

static void make_group(redis_reader *r);

static void
on_stream_read(redisAsyncContext *ac, void *reply_of, void *arg)
{
    redis_reader     *r = arg;
    const redisReply *reply = reply_of, *entries;

    if (is_stale(r, ac, reply))
        return;
    event_del(r->timer);
    entries = entries_of(reply);
    if (entries != NULL) {
        tell_entries(r, entries);
    } else if (reply->type == REDIS_REPLY_NIL) {
        note_progress(r);
        read_on(r);
    } else if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOGROUP", 7) == 0) {
        make_group(r); /* Redis has lost its memory, or somebody has deleted the stream */
    } else {
        be_refused(r, reply);
    }
}

/* --- An entry that is too large: only its id. --- */

/* [[id, consumer, ms, times]] */
static void
on_stream_skip(redisAsyncContext *ac, void *reply_of, void *arg)
{
    redis_reader     *r = arg;
    const redisReply *reply = reply_of;
    sio_view          id = {NULL, 0};

    if (is_stale(r, ac, reply))
        return;
    event_del(r->timer);
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 &&
        reply->element[0]->type == REDIS_REPLY_ARRAY && reply->element[0]->elements > 0)
        id = reader_text_of(reply->element[0]->element[0]);
    note_progress(r);
    if (id.len == 0 || id.len > SIO_STREAM_MAX_ID) {
        read_on(r); /* it is acknowledged meanwhile, or Redis refuses, which the next read tells */
        return;
    }
    memcpy(r->cursor, id.data, id.len);
    r->cursor[id.len] = '\0';
    r->cfg.entry(r->cfg.arg, id, NULL, 0, true);
    end_read(r);
}

/* XPENDING <stream> <group> (<cursor> + 1 */
static void
skip_one(redis_reader *r)
{
    sio_redis_command c = {.argc = 0};
    char              from[SIO_STREAM_MAX_ID + 2];

    snprintf(from, sizeof from, "(%s", r->cursor);
    sio_redis_command_add(&c, SIO_VIEW("XPENDING"));
    sio_redis_command_add(&c, sio_redis_key_view(&r->stream));
    sio_redis_command_add(&c, sio_view_of(r->group));
    sio_redis_command_add(&c, sio_view_of(from));
    sio_redis_command_add(&c, SIO_VIEW("+"));
    sio_redis_command_add(&c, SIO_VIEW("1"));
    reader_send(r, on_stream_skip, &c);
}

/* --- Reading. --- */

/* XREADGROUP GROUP <group> <consumer> COUNT <n> [BLOCK <ms>] STREAMS <stream> <id> */
static void
read_some(redis_reader *r)
{
    sio_redis_command c = {.argc = 0};
    char              count[12], block[12];

    snprintf(count, sizeof count, "%u", r->count);
    snprintf(block, sizeof block, "%d", BLOCK_MS);
    sio_redis_command_add(&c, SIO_VIEW("XREADGROUP"));
    sio_redis_command_add(&c, SIO_VIEW("GROUP"));
    sio_redis_command_add(&c, sio_view_of(r->group));
    sio_redis_command_add(&c, sio_view_of(r->consumer));
    sio_redis_command_add(&c, SIO_VIEW("COUNT"));
    sio_redis_command_add(&c, sio_view_of(count));
    if (r->is_new) {
        sio_redis_command_add(&c, SIO_VIEW("BLOCK"));
        sio_redis_command_add(&c, sio_view_of(block));
    }
    sio_redis_command_add(&c, SIO_VIEW("STREAMS"));
    sio_redis_command_add(&c, sio_redis_key_view(&r->stream));
    sio_redis_command_add(&c, r->is_new ? SIO_VIEW(">") : sio_view_of(r->cursor));
    reader_send(r, on_stream_read, &c);
}

static void
read_on(redis_reader *r)
{
    if (r->state != IDLE || !r->is_wanted)
        return;
    r->state = READING;
    if (r->is_cut)
        skip_one(r);
    else
        read_some(r);
}

static void
reader_next(sio_stream_reader *self)
{
    redis_reader *r = reader_of(self);

    r->is_wanted = true;
    read_on(r);
}

/* --- The group: XGROUP CREATE <stream> <group> 0 MKSTREAM. --- */

static void
on_group_made(redisAsyncContext *ac, void *reply_of, void *arg)
{
    redis_reader     *r = arg;
    const redisReply *reply = reply_of;

    if (is_stale(r, ac, reply))
        return;
    event_del(r->timer);
    if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "BUSYGROUP", 9) != 0) {
        be_refused(r, reply);
        return;
    }
    r->state = IDLE;
    if (!r->is_cut) /* else `cursor` is where it stands */
        look_from_the_beginning(r);
    read_on(r);
}

static void
make_group(redis_reader *r)
{
    sio_redis_command c = {.argc = 0};

    r->state = MAKING;
    sio_redis_command_add(&c, SIO_VIEW("XGROUP"));
    sio_redis_command_add(&c, SIO_VIEW("CREATE"));
    sio_redis_command_add(&c, sio_redis_key_view(&r->stream));
    sio_redis_command_add(&c, sio_view_of(r->group));
    sio_redis_command_add(&c, SIO_VIEW("0"));
    sio_redis_command_add(&c, SIO_VIEW("MKSTREAM"));
    reader_send(r, on_group_made, &c);
}

/* --- The connection. --- */

static void
on_reader_up(void *arg)
{
    make_group(arg);
}

/* One at a time, if they were too many; a single one that is too large is left out. */
static void
note_cut(redis_reader *r)
{
    r->is_cut = r->count == 1;
    r->count = 1;
}

static void
on_reader_down(void *arg, const char *reason)
{
    redis_reader *r = arg;

    if (r->state == READING && reason == sio_redis_replies_too_large)
        note_cut(r);
    r->state = AWAY;
    event_del(r->timer);
    if (r->s->cluster != NULL)
        sio_redis_cluster_look(r->s->cluster);
}

static void
on_reader_timer(evutil_socket_t fd, short events, void *arg)
{
    redis_reader *r = arg;

    (void)fd;
    (void)events;
    if (r->state == PAUSED)
        make_group(r);
    else if (r->state != AWAY)
        sio_redis_link_drop(r->link, "it does not answer");
}

/* --- Life. --- */

/* For the connection: where the stream is. */
static sio_redis_primary *
follow_stream(redis_reader *r)
{
    if (r->s->cluster == NULL)
        return sio_redis_store_primary(r->s);
    sio_redis_cluster_follow(r->s->cluster, &r->route, sio_redis_key_view(&r->stream));
    return &r->route.primary;
}

static void
reader_free(sio_stream_reader *self)
{
    redis_reader *r = reader_of(self);

    sio_redis_link_free(r->link);
    if (r->s->cluster != NULL)
        sio_redis_route_leave(&r->route);
    if (r->timer != NULL)
        event_free(r->timer);
    free(r);
}

int
sio_redis_stream_reader_new(sio_stream_reader **out, sio_store *self,
                            const sio_stream_reader_cfg *cfg)
{
    sio_redis_store   *s = sio_redis_store_of(self);
    redis_reader      *r = calloc(1, sizeof *r);
    sio_redis_link_cfg link_cfg = {.base = s->base,
                                   .url = &s->url,
                                   .tls = s->tls,
                                   .form = SIO_REDIS_REPLIES_NESTED,
                                   .up = on_reader_up,
                                   .down = on_reader_down,
                                   .arg = r};

    if (r == NULL)
        return SIO_ERR_NOMEM;
    *r = (redis_reader){.reader = {.next = reader_next, .free = reader_free},
                        .s = s,
                        .cfg = *cfg,
                        .stream = sio_redis_store_key(s, "", cfg->stream),
                        .count = SIO_STREAM_READ_COUNT};
    snprintf(r->group, sizeof r->group, "%.*s", (int)cfg->group.len, cfg->group.data);
    snprintf(r->consumer, sizeof r->consumer, "%.*s", (int)cfg->consumer.len, cfg->consumer.data);
    link_cfg.primary = follow_stream(r);
    r->timer = evtimer_new(s->base, on_reader_timer, r);
    if (r->timer == NULL || sio_redis_link_new(&r->link, &link_cfg) != SIO_OK) {
        reader_free(&r->reader);
        return SIO_ERR_NOMEM;
    }
    *out = &r->reader;
    return SIO_OK;
}
