#include "store/redis_tail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/clock.h"
#include "store/redis_link.h"
#include "store/redis_past.h"
#include "store/redis_post.h"
#include "store/redis_replies.h"

enum {
    BLOCK_MS = 2500,     /* so long Redis waits for something new */
    PATIENCE_MS = 30000, /* for a reply, which may be long */
    PAUSE_MS = 1000      /* after a refusal */
};

/*
 *     AWAY ── up ──> LOOKING ──> READING ──> READING ... ── all at once, so it is behind ─> LOOKING
 *                      └─────────── refused ────────> PAUSED ─ in a second ─> LOOKING
 */
typedef enum { AWAY, LOOKING, READING, PAUSED } tail_state;

struct sio_redis_tail {
    sio_redis_store    *s;
    sio_redis_link     *link;
    struct event       *timer; /* the end of patience, or of a pause */
    const char         *stream;
    sio_store_tail_read read;
    void               *arg;
    tail_state          state;
    char     cursor[SIO_STREAM_MAX_ID + 1]; /* it is read behind that; "": not known yet */
    char     seen[SIO_STREAM_MAX_ID + 1];   /* the same when it was known last to be whole */
    unsigned count;                         /* at once */
    bool     is_cut;                        /* the next one is too large */
    bool     said;                          /* the log knows that Redis refuses */
};

/* Of nothing that was read. */
static const char beginning[] = "0-0";

static void
tail_arm(sio_redis_tail *t, uint64_t ms)
{
    const struct timeval wait = sio_timeval_ms(ms);

    event_add(t->timer, &wait);
}

static void
tail_send(sio_redis_tail *t, redisCallbackFn *fn, sio_redis_command *c)
{
    redisAsyncContext *ac = sio_redis_link_context(t->link);

    if (redisAsyncCommandArgv(ac, fn, t, c->argc, c->argv, c->len) == REDIS_OK)
        tail_arm(t, PATIENCE_MS);
    else
        sio_redis_link_drop(t->link, "out of memory");
}

/* Is the reply of a connection that is gone? */
static bool
tail_is_stale(const sio_redis_tail *t, const redisAsyncContext *ac, const redisReply *reply)
{
    return reply == NULL || ac != sio_redis_link_context(t->link);
}

static void
tail_refused(sio_redis_tail *t, const redisReply *reply)
{
    const char *why = reply->type == REDIS_REPLY_ERROR ? reply->str : "another reply";

    if (!t->said)
        sio_redis_store_log(t->s, SIO_STORE_WARN, "does not let us read a stream; trying again",
                            why);
    t->said = true;
    t->state = PAUSED;
    tail_arm(t, PAUSE_MS);
    if (reply->type == REDIS_REPLY_ERROR)
        sio_redis_link_refused(t->link, reply->str);
}

static sio_view
tail_text_of(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_STRING)
        return (sio_view){"", 0};
    return (sio_view){reply->str, reply->len};
}

static bool
keep_cursor(sio_redis_tail *t, sio_view id)
{
    if (id.len == 0 || id.len > SIO_STREAM_MAX_ID)
        return false;
    memcpy(t->cursor, id.data, id.len);
    t->cursor[id.len] = '\0';
    return true;
}

/* --- Reading: XREAD COUNT <n> BLOCK <ms> STREAMS <stream> <cursor>. --- */

static void tail_look(sio_redis_tail *t);
static void tail_read_on(sio_redis_tail *t);

/* [id, [name, value, ...]]. False: it is no entry. */
static bool
tail_tell(sio_redis_tail *t, const redisReply *entry)
{
    sio_stream_field  fields[SIO_STREAM_MAX_FIELDS];
    const redisReply *pairs;
    size_t            n = 0;

    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
        !keep_cursor(t, tail_text_of(entry->element[0])))
        return false;
    pairs = entry->element[1];
    for (size_t i = 0; pairs->type == REDIS_REPLY_ARRAY && i + 1 < pairs->elements; i += 2)
        if (n < SIO_STREAM_MAX_FIELDS)
            fields[n++] = (sio_stream_field){tail_text_of(pairs->element[i]),
                                             tail_text_of(pairs->element[i + 1])};
    if (n > 0)
        t->read(t->arg, sio_view_of(t->cursor), fields, n);
    return true;
}

/* [[stream, [entry, ...]]] in all replies but one: nil, when there was nothing new. */
static const redisReply *
tail_entries_of(const redisReply *reply)
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

/* If there may be more, this instance is behind: the trimming may have overtaken it. */
static void
tail_tell_all(sio_redis_tail *t, const redisReply *entries)
{
    const bool is_behind = entries->elements >= t->count;

    memcpy(t->seen, t->cursor, sizeof t->seen);
    for (size_t i = 0; i < entries->elements; i++)
        if (!tail_tell(t, entries->element[i])) {
            sio_redis_link_drop(t->link, "it said what is no entry of a stream");
            return;
        }
    t->count = 2 * t->count < SIO_STREAM_READ_COUNT ? 2 * t->count : SIO_STREAM_READ_COUNT;
    if (is_behind)
        tail_look(t);
    else
        tail_read_on(t);
}

static void
on_tail_read(redisAsyncContext *ac, void *reply_of, void *arg)
{
    sio_redis_tail   *t = arg;
    const redisReply *reply = reply_of, *entries;

    if (tail_is_stale(t, ac, reply))
        return;
    event_del(t->timer);
    if ((entries = tail_entries_of(reply)) == NULL && reply->type != REDIS_REPLY_NIL) {
        tail_refused(t, reply);
        return;
    }
    t->said = false;
    if (entries != NULL)
        tail_tell_all(t, entries);
    else
        tail_read_on(t);
}

static void
tail_read_on(sio_redis_tail *t)
{
    sio_redis_command c = {.argc = 0};
    char              count[12], block[12];

    t->state = READING;
    snprintf(count, sizeof count, "%u", t->count);
    snprintf(block, sizeof block, "%d", BLOCK_MS);
    sio_redis_command_add(&c, SIO_VIEW("XREAD"));
    sio_redis_command_add(&c, SIO_VIEW("COUNT"));
    sio_redis_command_add(&c, sio_view_of(count));
    sio_redis_command_add(&c, SIO_VIEW("BLOCK"));
    sio_redis_command_add(&c, sio_view_of(block));
    sio_redis_command_add(&c, SIO_VIEW("STREAMS"));
    sio_redis_command_add(&c, sio_view_of(t->stream));
    sio_redis_command_add(&c, sio_view_of(t->cursor));
    tail_send(t, on_tail_read, &c);
}

/* --- Looking: where the stream ends, begins, or which entry is too large. --- */

/* An id alone, as what it is the id of may be large. */
static const char id_script[] =
    "local e = redis.call(ARGV[1], KEYS[1], ARGV[2], ARGV[3], 'COUNT', 1)\n"
    "return e[1] and e[1][1]\n";

/*
 * A stream is trimmed from its beginning. If what was read last, back then, is there no more, what
 * came next may have gone, too.
 */
static void
note_gap(sio_redis_tail *t, sio_view first)
{
    char id[SIO_STREAM_MAX_ID + 1];

    snprintf(id, sizeof id, "%.*s", (int)first.len, first.data);
    if (strcmp(t->seen, beginning) == 0 ||
        (first.len > 0 && !sio_store_tail_is_behind(id, t->seen)))
        return;
    t->s->store.counters.tail_gaps++;
    sio_redis_store_log(t->s, SIO_STORE_WARN,
                        "may have forgotten entries of the stream before they were read", NULL);
    if (first.len == 0) /* all is forgotten, so maybe its clock as well */
        memcpy(t->cursor, beginning, sizeof beginning);
}

static void
on_tail_looked(redisAsyncContext *ac, void *reply_of, void *arg)
{
    sio_redis_tail   *t = arg;
    const redisReply *reply = reply_of;
    sio_view          id;

    if (tail_is_stale(t, ac, reply))
        return;
    event_del(t->timer);
    if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_NIL) {
        tail_refused(t, reply);
        return;
    }
    id = tail_text_of(reply);
    if (t->cursor[0] == '\0') {
        if (!keep_cursor(t, id))
            memcpy(t->cursor, beginning, sizeof beginning);
    } else if (!t->is_cut) {
        note_gap(t, id);
    } else if (keep_cursor(t, id)) {
        t->read(t->arg, sio_view_of(t->cursor), NULL, 0);
    }
    t->is_cut = false;
    tail_read_on(t);
}

static void
tail_look(sio_redis_tail *t)
{
    sio_redis_command c = {.argc = 0};
    const bool        is_first = t->cursor[0] == '\0';
    char              behind[SIO_STREAM_MAX_ID + 2];

    t->state = LOOKING;
    snprintf(behind, sizeof behind, "(%s", t->cursor);
    sio_redis_command_add(&c, SIO_VIEW("EVAL"));
    sio_redis_command_add(&c, sio_view_of(id_script));
    sio_redis_command_add(&c, SIO_VIEW("1"));
    sio_redis_command_add(&c, sio_view_of(t->stream));
    sio_redis_command_add(&c, is_first ? SIO_VIEW("XREVRANGE") : SIO_VIEW("XRANGE"));
    sio_redis_command_add(&c, is_first    ? SIO_VIEW("+")
                              : t->is_cut ? sio_view_of(behind)
                                          : SIO_VIEW("-"));
    sio_redis_command_add(&c, is_first ? SIO_VIEW("-") : SIO_VIEW("+"));
    tail_send(t, on_tail_looked, &c);
}

/* --- The connection. --- */

static void
on_tail_up(void *arg)
{
    sio_redis_tail *t = arg;

    memcpy(t->seen, t->cursor, sizeof t->seen);
    tail_look(t);
}

/* One at a time, if they were too many; a single one that is too large is left out. */
static void
on_tail_down(void *arg, const char *reason)
{
    sio_redis_tail *t = arg;

    if (t->state == READING && reason == sio_redis_replies_too_large) {
        t->is_cut = t->count == 1;
        t->count = 1;
    }
    t->state = AWAY;
    event_del(t->timer);
}

static void
on_tail_timer(evutil_socket_t fd, short events, void *arg)
{
    sio_redis_tail *t = arg;

    (void)fd;
    (void)events;
    if (t->state == PAUSED)
        tail_look(t);
    else if (t->state != AWAY)
        sio_redis_link_drop(t->link, "it does not answer");
}

/* --- Life. --- */

static int
redis_tail_follow(sio_store *self, const char *stream, sio_store_tail_read fn, void *arg)
{
    sio_redis_store         *s = sio_redis_store_of(self);
    sio_redis_tail          *t = calloc(1, sizeof *t);
    const sio_redis_link_cfg link_cfg = {.base = s->base,
                                         .url = &s->url,
                                         .primary = sio_redis_store_primary(s),
                                         .tls = s->tls,
                                         .form = SIO_REDIS_REPLIES_NESTED,
                                         .up = on_tail_up,
                                         .down = on_tail_down,
                                         .arg = t};

    if (t == NULL)
        return SIO_ERR_NOMEM;
    *t = (sio_redis_tail){
        .s = s, .stream = stream, .read = fn, .arg = arg, .count = SIO_STREAM_READ_COUNT};
    t->timer = evtimer_new(s->base, on_tail_timer, t);
    if (t->timer == NULL || sio_redis_link_new(&t->link, &link_cfg) != SIO_OK) {
        sio_redis_tail_free(t);
        return SIO_ERR_NOMEM;
    }
    s->tail = t;
    return SIO_OK;
}

void
sio_redis_tail_free(sio_redis_tail *t)
{
    if (t == NULL)
        return;
    sio_redis_link_free(t->link);
    if (t->timer != NULL)
        event_free(t->timer);
    free(t);
}

static const char *
redis_tail_position(sio_store *self)
{
    const sio_redis_tail *t = sio_redis_store_of(self)->tail;

    return t != NULL ? t->cursor : "";
}

static int
redis_tail_add(sio_store *self, sio_view stream, const sio_stream_field *fields, size_t n,
               size_t max_entries)
{
    size_t n_bytes = 0;

    for (size_t i = 0; i < n; i++)
        n_bytes += fields[i].name.len + fields[i].value.len;
    if (n_bytes + SIO_STREAM_MAX_ID > SIO_REDIS_MAX_REPLY_BYTES)
        return SIO_TOO_LARGE;
    return sio_redis_post_entry(sio_redis_store_of(self), stream, fields, n, max_entries);
}

const struct sio_store_tail_ops sio_redis_tail_ops = {
    .past = &sio_redis_past_ops,
    .follow = redis_tail_follow,
    .position = redis_tail_position,
    .add = redis_tail_add,
};
