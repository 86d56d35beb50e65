#include "store/redis_streams.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/redis_post.h"
#include "store/redis_stream_reader.h"

/* --- Commands that are answered once, with the reply or when the connection is lost. --- */

typedef struct {
    sio_redis_call    call; /* first: the client frees it */
    sio_store_req     req;  /* what the caller holds */
    sio_redis_store  *s;
    size_t            n_bytes; /* what it takes of the bound */
    sio_store_done_cb done;    /* NULL: nobody waits */
    void             *arg;
} stream_call;

static void
stream_call_cancel(sio_store_req *req)
{
    ((stream_call *)(void *)((char *)req - offsetof(stream_call, req)))->done = NULL;
}

static void
stream_call_answered(sio_redis_call *call, const redisReply *reply)
{
    stream_call *c = (stream_call *)(void *)call;
    int          rc = SIO_OK;

    c->s->publish_bytes -= c->n_bytes;
    if (reply != NULL)
        sio_redis_store_note_reply(c->s, reply);
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        c->s->store.counters.unavailable++;
        rc = SIO_ERR_UNAVAILABLE;
    }
    if (c->done != NULL && !c->s->is_ending)
        c->done(c->arg, rc);
}

static void
tell_done(sio_store_done_cb cb, void *arg, int rc)
{
    if (cb != NULL)
        cb(arg, rc);
}

/* Without a deadline: whoever adds keeps what is to be added until that is certain. */
static sio_store_req *
post_command(sio_redis_store *s, const sio_redis_key *key, const sio_redis_command *command,
             size_t n_bytes, sio_store_done_cb cb, void *arg)
{
    sio_redis_client *client = sio_redis_store_client(s, key);
    stream_call      *c;

    if (!sio_redis_client_up(client)) {
        s->store.counters.unavailable++;
        tell_done(cb, arg, SIO_ERR_UNAVAILABLE);
        return NULL;
    }
    if ((c = calloc(1, sizeof *c)) == NULL) {
        tell_done(cb, arg, SIO_ERR_NOMEM);
        return NULL;
    }
    *c = (stream_call){.call = {.answer = stream_call_answered},
                       .req = {.cancel = stream_call_cancel},
                       .s = s,
                       .n_bytes = n_bytes,
                       .done = cb,
                       .arg = arg};
    if (s->publish_bytes >= s->max_publish_bytes ||
        !sio_redis_client_post(client, &c->call, command)) {
        free(c);
        tell_done(cb, arg, SIO_ERR_FULL);
        return NULL;
    }
    s->publish_bytes += n_bytes;
    return cb != NULL ? &c->req : NULL;
}

/* --- Adding: XADD <stream> [MAXLEN ~ <n>] * <name> <value> ... --- */

static sio_store_req *
stream_add(sio_store *self, sio_view stream, const sio_stream_field *fields, size_t n,
           const sio_stream_life *life, sio_store_done_cb cb, void *arg)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key key = sio_redis_store_key(s, "", stream);
    sio_redis_command   c = {.argc = 0};
    size_t              n_bytes = 0;
    char                max[24];
    sio_store_req      *req;

    snprintf(max, sizeof max, "%zu", life->max_entries);
    sio_redis_command_add(&c, SIO_VIEW("XADD"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    if (life->max_entries > 0) {
        sio_redis_command_add(&c, SIO_VIEW("MAXLEN"));
        sio_redis_command_add(&c, SIO_VIEW("~"));
        sio_redis_command_add(&c, sio_view_of(max));
    }
    sio_redis_command_add(&c, SIO_VIEW("*"));
    for (size_t i = 0; i < n; i++) {
        sio_redis_command_add(&c, fields[i].name);
        sio_redis_command_add(&c, fields[i].value);
        n_bytes += fields[i].name.len + fields[i].value.len;
    }
    req = post_command(s, &key, &c, n_bytes, cb, arg);
    if (life->ttl_ms > 0)
        sio_redis_post_expiry(s, &key, life->ttl_ms);
    return req;
}

/* --- Acknowledging: XACK <stream> <group> <id> ... --- */

static sio_store_req *
stream_acknowledge(sio_store *self, sio_view stream, sio_view group, const sio_view *ids, size_t n,
                   sio_store_done_cb cb, void *arg)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key key = sio_redis_store_key(s, "", stream);
    sio_redis_command   c = {.argc = 0};
    size_t              n_bytes = 0;

    sio_redis_command_add(&c, SIO_VIEW("XACK"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    sio_redis_command_add(&c, group);
    for (size_t i = 0; i < n; i++) {
        sio_redis_command_add(&c, ids[i]);
        n_bytes += ids[i].len;
    }
    return post_command(s, &key, &c, n_bytes, cb, arg);
}

/* --- Trimming. --- */

/*
 * A script, so that no group can be made, and nothing be read, between looking and trimming. Ids
 * are pairs of numbers that Lua can not hold: the longer one is the larger.
 */
static const char trim_script[] =
    "local function less(a, b) return #a < #b or (#a == #b and a < b) end\n"
    "local function before(a, b)\n"
    "  local am, as = string.match(a, '^(%d+)%-(%d+)$')\n"
    "  local bm, bs = string.match(b, '^(%d+)%-(%d+)$')\n"
    "  if am ~= bm then return less(am, bm) end\n"
    "  return less(as, bs)\n"
    "end\n"
    "local key, first, unread, lags = KEYS[1], nil, 0, {}\n"
    "if redis.call('EXISTS', key) == 0 then return {0, 0, 0} end\n"
    "for _, row in ipairs(redis.call('XINFO', 'GROUPS', key)) do\n"
    "  local group = {}\n"
    "  for i = 1, #row, 2 do group[row[i]] = row[i + 1] end\n"
    "  local id = group['last-delivered-id']\n"
    "  if group['pending'] > 0 then id = redis.call('XPENDING', key, group['name'])[2] end\n"
    "  if not first or before(id, first) then first = id end\n"
    "  local lag = group['lag']\n"
    "  if type(lag) == 'number' then\n"
    "    if lag > unread then unread = lag end\n"
    "    if #lags < 2 * tonumber(ARGV[2]) then\n"
    "      lags[#lags + 1] = group['name']\n"
    "      lags[#lags + 1] = lag\n"
    "    end\n"
    "  end\n"
    "end\n"
    "if first then redis.call('XTRIM', key, 'MINID', '~', first, 'LIMIT', 0)\n"
    "else redis.call('XTRIM', key, 'MAXLEN', '~', ARGV[1]) end\n"
    "local bytes = redis.pcall('MEMORY', 'USAGE', key)\n"
    "return {redis.call('XLEN', key), type(bytes) == 'number' and bytes or 0, unread,\n"
    "        unpack(lags)}\n";

typedef struct {
    sio_redis_call    call; /* first: the client frees it */
    sio_store_req     req;
    sio_redis_store  *s;
    sio_store_size_cb done;
    void             *arg;
} trim_call;

static void
trim_cancel(sio_store_req *req)
{
    sio_redis_call_cancel(&((trim_call *)(void *)((char *)req - offsetof(trim_call, req)))->call);
}

static bool
is_count(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_INTEGER && reply->integer >= 0;
}

/* Three numbers, and for each group its name and a number. */
static bool
is_size(const redisReply *reply)
{
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements % 2 == 0 ||
        reply->elements < 3 || reply->elements > 3 + 2 * SIO_STREAM_MAX_GROUPS)
        return false;
    for (size_t i = 0; i < reply->elements; i++)
        if (i < 3 || i % 2 == 0 ? !is_count(reply->element[i])
                                : reply->element[i]->type != REDIS_REPLY_STRING)
            return false;
    return true;
}

static size_t
read_groups(const redisReply *reply, sio_stream_group groups[SIO_STREAM_MAX_GROUPS])
{
    size_t n = 0;

    for (size_t i = 3; i < reply->elements; i += 2, n++) {
        const redisReply *name = reply->element[i];

        groups[n] =
            (sio_stream_group){{name->str, name->len}, (uint64_t)reply->element[i + 1]->integer};
    }
    return n;
}

static void
trim_answered(sio_redis_call *call, const redisReply *reply)
{
    trim_call       *t = (trim_call *)(void *)call;
    sio_stream_group groups[SIO_STREAM_MAX_GROUPS];
    sio_stream_size  size = {.groups = groups};

    if (reply != NULL)
        sio_redis_store_note_reply(t->s, reply);
    if (!is_size(reply)) {
        t->s->store.counters.unavailable++;
        t->done(t->arg, SIO_ERR_UNAVAILABLE, &size);
        return;
    }
    size.n_entries = (uint64_t)reply->element[0]->integer;
    size.n_bytes = (uint64_t)reply->element[1]->integer;
    size.n_unread = (uint64_t)reply->element[2]->integer;
    size.n_groups = read_groups(reply, groups);
    t->done(t->arg, SIO_OK, &size);
}

static void
trim_late(sio_redis_call *call, const redisReply *reply)
{
    sio_redis_store_note_reply(((trim_call *)(void *)call)->s, reply);
}

static sio_store_req *
stream_trim(sio_store *self, sio_view stream, size_t max_alone, sio_store_size_cb cb, void *arg)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key key = sio_redis_store_key(s, "", stream);
    sio_redis_command   c = {.argc = 0};
    trim_call          *t = calloc(1, sizeof *t);
    char                max[24], max_groups[24];

    if (t == NULL) {
        cb(arg, SIO_ERR_NOMEM, &(sio_stream_size){.n_entries = 0});
        return NULL;
    }
    *t = (trim_call){.call = {.answer = trim_answered, .late = trim_late},
                     .req = {.cancel = trim_cancel},
                     .s = s,
                     .done = cb,
                     .arg = arg};
    snprintf(max, sizeof max, "%zu", max_alone);
    snprintf(max_groups, sizeof max_groups, "%d", SIO_STREAM_MAX_GROUPS);
    sio_redis_command_add(&c, SIO_VIEW("EVAL"));
    sio_redis_command_add(&c, sio_view_of(trim_script));
    sio_redis_command_add(&c, SIO_VIEW("1"));
    sio_redis_command_add(&c, sio_redis_key_view(&key));
    sio_redis_command_add(&c, sio_view_of(max));
    sio_redis_command_add(&c, sio_view_of(max_groups));
    return sio_redis_client_send(sio_redis_store_client(s, &key), &t->call, &c) != NULL ? &t->req
                                                                                        : NULL;
}

const struct sio_store_stream_ops sio_redis_stream_ops = {
    .add = stream_add,
    .trim = stream_trim,
    .acknowledge = stream_acknowledge,
    .reader_new = sio_redis_stream_reader_new,
};
