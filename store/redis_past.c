#include "store/redis_past.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/redis_post.h"

/* A script that was sent to Redis. */
typedef struct {
    sio_redis_call     call; /* first: the client frees it */
    sio_store_req      req;  /* what the caller holds */
    sio_redis_store   *s;
    sio_store_value_cb taken; /* one of the two */
    sio_store_past_cb  read;
    void              *arg;
} past_call;

static void
past_cancel(sio_store_req *req)
{
    sio_redis_call_cancel(&((past_call *)(void *)((char *)req - offsetof(past_call, req)))->call);
}

static void
past_late(sio_redis_call *call, const redisReply *reply)
{
    sio_redis_store_note_reply(((past_call *)(void *)call)->s, reply);
}

static past_call *
past_call_new(sio_redis_store *s, sio_redis_call_fn answer, void *arg)
{
    past_call *p = calloc(1, sizeof *p);

    if (p != NULL)
        *p = (past_call){.call = {.answer = answer, .late = past_late},
                         .req = {.cancel = past_cancel},
                         .s = s,
                         .arg = arg};
    return p;
}

static sio_store_req *
past_send(past_call *p, const sio_redis_command *c)
{
    return sio_redis_client_send(p->s->client, &p->call, c) != NULL ? &p->req : NULL;
}

static void
past_note(past_call *p, const redisReply *reply)
{
    if (reply != NULL)
        sio_redis_store_note_reply(p->s, reply);
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
        p->s->store.counters.unavailable++;
}

/* --- Taking. --- */

/* In one step, so that one gets it; what is too large never leaves Redis. */
static const char take_script[] =
    "if redis.call('TYPE', KEYS[1]).ok ~= 'string' then return false end\n"
    "local small = redis.call('STRLEN', KEYS[1]) <= tonumber(ARGV[2])\n"
    "local value = small and redis.call('GET', KEYS[1])\n"
    "redis.call('DEL', KEYS[1])\n"
    "if not small then return 0 end\n"
    "if #redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1]) == 0 then return false end\n"
    "return value\n";

static void
past_taken(sio_redis_call *call, const redisReply *reply)
{
    past_call *p = (past_call *)(void *)call;
    sio_view   value = {NULL, 0};
    int        rc = SIO_ERR_UNAVAILABLE;

    past_note(p, reply);
    if (reply != NULL && reply->type == REDIS_REPLY_STRING) {
        rc = SIO_OK;
        value = (sio_view){reply->str, reply->len};
    } else if (reply != NULL && reply->type == REDIS_REPLY_INTEGER) {
        rc = SIO_TOO_LARGE;
    } else if (reply != NULL && reply->type == REDIS_REPLY_NIL) {
        rc = SIO_ERR_NOT_FOUND;
    }
    p->taken(p->arg, rc, value);
}

static sio_store_req *
redis_past_take(sio_store *self, sio_view key, sio_view stream, sio_view id, sio_store_value_cb cb,
                void *arg)
{
    past_call        *p = past_call_new(sio_redis_store_of(self), past_taken, arg);
    sio_redis_command c = {.argc = 0};
    char              max[24];

    if (p == NULL) {
        cb(arg, SIO_ERR_NOMEM, (sio_view){NULL, 0});
        return NULL;
    }
    p->taken = cb;
    snprintf(max, sizeof max, "%d", SIO_PAST_MAX_VALUE);
    sio_redis_command_add(&c, SIO_VIEW("EVAL"));
    sio_redis_command_add(&c, sio_view_of(take_script));
    sio_redis_command_add(&c, SIO_VIEW("2"));
    sio_redis_command_add(&c, key);
    sio_redis_command_add(&c, stream);
    sio_redis_command_add(&c, id);
    sio_redis_command_add(&c, sio_view_of(max));
    return past_send(p, &c);
}

/* --- Reading. --- */

/*
 * Answers with the id up to which it has looked, whether that is the end of the stream, and for
 * each entry that is wanted its id and data. Others never leave Redis. Data that are larger than a
 * page are 0.
 */
static const char read_script[] =
    "local page = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[4])\n"
    "local max = tonumber(ARGV[5])\n"
    "local out = {'', #page < tonumber(ARGV[4]) and 1 or 0}\n"
    "local bytes = 0\n"
    "for _, entry in ipairs(page) do\n"
    "  local field = {}\n"
    "  for i = 1, #entry[2], 2 do field[entry[2][i]] = entry[2][i + 1] end\n"
    "  local data = field.data\n"
    "  if data and field.nsp == ARGV[2] and field.type == ARGV[3] then\n"
    "    bytes = bytes + #data\n"
    "    if bytes > max and out[1] ~= '' then\n"
    "      out[2] = 0\n"
    "      break\n"
    "    end\n"
    "    out[#out + 1] = entry[1]\n"
    "    out[#out + 1] = #data <= max and data or 0\n"
    "  end\n"
    "  out[1] = entry[1]\n"
    "end\n"
    "return out\n";

/* SIO_OK and *page; SIO_TOO_LARGE; SIO_ERR_UNAVAILABLE: it is no answer of the script. */
static int
page_of(const redisReply *reply, sio_past_page *page, sio_past_entry entries[SIO_STREAM_READ_COUNT])
{
    redisReply **e = reply->element;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 || reply->elements % 2 != 0 ||
        reply->elements > 2 + 2 * SIO_STREAM_READ_COUNT || e[0]->type != REDIS_REPLY_STRING ||
        e[1]->type != REDIS_REPLY_INTEGER)
        return SIO_ERR_UNAVAILABLE;
    page->read_to = (sio_view){e[0]->str, e[0]->len};
    page->is_whole = e[1]->integer != 0;
    for (size_t i = 2; i < reply->elements; i += 2) {
        if (e[i]->type != REDIS_REPLY_STRING)
            return SIO_ERR_UNAVAILABLE;
        if (e[i + 1]->type != REDIS_REPLY_STRING)
            return SIO_TOO_LARGE;
        entries[page->n++] =
            (sio_past_entry){.id = {e[i]->str, e[i]->len}, .data = {e[i + 1]->str, e[i + 1]->len}};
    }
    return SIO_OK;
}

static void
past_read(sio_redis_call *call, const redisReply *reply)
{
    past_call     *p = (past_call *)(void *)call;
    sio_past_entry entries[SIO_STREAM_READ_COUNT];
    sio_past_page  page = {.entries = entries};
    int            rc = SIO_ERR_UNAVAILABLE;

    past_note(p, reply);
    if (reply != NULL)
        rc = page_of(reply, &page, entries);
    p->read(p->arg, rc, &page);
}

/* The smallest id behind this one. Redis before 6.2 has no word for that. */
static void
print_next(sio_view id, char next[SIO_STREAM_MAX_ID + 1])
{
    char     text[SIO_STREAM_MAX_ID + 1];
    uint64_t ms = 0, n = 0;

    snprintf(text, sizeof text, "%.*s", (int)id.len, id.data);
    (void)sscanf(text, "%" SCNu64 "-%" SCNu64, &ms, &n);
    if (++n == 0)
        ms++;
    snprintf(next, SIO_STREAM_MAX_ID + 1, "%" PRIu64 "-%" PRIu64, ms, n);
}

static sio_store_req *
redis_past_read(sio_store *self, sio_view stream, sio_view id, sio_view nsp, sio_view type,
                sio_store_past_cb cb, void *arg)
{
    past_call        *p = past_call_new(sio_redis_store_of(self), past_read, arg);
    sio_redis_command c = {.argc = 0};
    char              from[SIO_STREAM_MAX_ID + 1], count[24], max[24];

    if (p == NULL) {
        cb(arg, SIO_ERR_NOMEM, &(sio_past_page){.n = 0});
        return NULL;
    }
    p->read = cb;
    print_next(id, from);
    snprintf(count, sizeof count, "%d", SIO_STREAM_READ_COUNT);
    snprintf(max, sizeof max, "%d", SIO_PAST_MAX_PAGE);
    sio_redis_command_add(&c, SIO_VIEW("EVAL"));
    sio_redis_command_add(&c, sio_view_of(read_script));
    sio_redis_command_add(&c, SIO_VIEW("1"));
    sio_redis_command_add(&c, stream);
    sio_redis_command_add(&c, sio_view_of(from));
    sio_redis_command_add(&c, nsp);
    sio_redis_command_add(&c, type);
    sio_redis_command_add(&c, sio_view_of(count));
    sio_redis_command_add(&c, sio_view_of(max));
    return past_send(p, &c);
}

/* --- Keeping. --- */

static int
redis_past_put(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms)
{
    return sio_redis_post_lasting(sio_redis_store_of(self), key, value, ttl_ms);
}

const struct sio_store_past_ops sio_redis_past_ops = {
    .put = redis_past_put,
    .take = redis_past_take,
    .read = redis_past_read,
};
