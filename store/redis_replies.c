#include "store/redis_replies.h"

#include "protocol/view.h"
#include "store/hiredis_compat.h"

#include <string.h>

enum {
    KEPT_BYTES = 64 * 1024, /* a longer text is not kept for the next one */
    MIN_HEARD_ELEMENTS = 3, /* "message", channel, bytes */
    N_HEARD_TEXTS = 2       /* of these, the first ones, which hiredis takes for texts */
};

const char sio_redis_replies_too_large[] = "a reply is too large";

void
sio_redis_replies_init(sio_redis_replies *r)
{
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < sizeof r->texts / sizeof *r->texts; i++)
        sio_buf_init(&r->texts[i], SIZE_MAX);
}

void
sio_redis_replies_fini(sio_redis_replies *r)
{
    for (size_t i = 0; i < sizeof r->texts / sizeof *r->texts; i++)
        sio_buf_fini(&r->texts[i]);
}

/* --- What is admitted. --- */

static void *
redis_replies_refuse(sio_redis_replies *r, const char *fault)
{
    r->fault = fault;
    return NULL;
}

/*
 * Somebody waits for a reply, or the connection has subscribed. An error may come by itself: that
 * Redis has no room for one more connection.
 */
static bool
is_due(const sio_redis_replies *r, int type)
{
    return type == REDIS_REPLY_ERROR || r->is_taken || r->ac->replies.head != NULL ||
           (r->ac->c.flags & REDIS_SUBSCRIBED) != 0;
}

/* Is what comes what was subscribed to, or the answer to what was asked before that? */
static bool
has_subscribed(const sio_redis_replies *r)
{
    return (r->ac->c.flags & REDIS_SUBSCRIBED) != 0;
}

/* May a reply or an element of one, of this type and no array, stand at this place? */
static bool
admits(sio_redis_replies *r, const redisReadTask *task, int type)
{
    bool ok;

    if (task->parent == NULL) {
        r->n_bytes = r->n_elements = 0;
        ok = is_due(r, type);
    } else {
        ok = r->on_heap != NULL || task->idx >= N_HEARD_TEXTS || type == REDIS_REPLY_STRING;
    }
    if (!ok)
        r->fault = "it said what it was not asked for";
    return ok;
}

static bool
is_text_type(int type)
{
    return type == REDIS_REPLY_STRING || type == REDIS_REPLY_STATUS || type == REDIS_REPLY_ERROR;
}

/*
 * What the first element of a reply that is heard is called here: see redis_replies.h. By its first
 * letter hiredis chooses between channels and patterns.
 */
static const char *
name_of_kind(sio_view said)
{
    static const struct {
        sio_view    said;
        const char *name;
    } kinds[] = {
        {SIO_VIEW_INIT("message"), "message"},
        {SIO_VIEW_INIT("pmessage"), "pmessage"},
        {SIO_VIEW_INIT("subscribe"), SIO_REDIS_SUBSCRIBED},
        {SIO_VIEW_INIT("psubscribe"), "p" SIO_REDIS_SUBSCRIBED},
        {SIO_VIEW_INIT("unsubscribe"), SIO_REDIS_UNSUBSCRIBED},
        {SIO_VIEW_INIT("punsubscribe"), "p" SIO_REDIS_UNSUBSCRIBED},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (sio_view_eq(said, kinds[i].said))
            return kinds[i].name;
    return NULL;
}

/* --- Replies that are heard, in their place. --- */

/* The reply that the task is for, empty. Elements are few, as create_array() lets no more begin. */
static redisReply *
redis_replies_place(sio_redis_replies *r, const redisReadTask *task, int type)
{
    redisReply *reply = &r->replies[0];

    if (task->parent != NULL)
        reply = r->elements[task->idx] = &r->replies[1 + task->idx];
    *reply = (redisReply){.type = type};
    return reply;
}

static void *
place_text(sio_redis_replies *r, const redisReadTask *task, sio_view bytes)
{
    redisReply *reply = redis_replies_place(r, task, task->type);
    sio_buf    *text = &r->texts[reply - r->replies];

    if (text->cap > KEPT_BYTES)
        sio_buf_fini(text);
    sio_buf_clear(text);
    sio_buf_add_view(text, bytes);
    sio_buf_add_char(text, '\0');
    if (text->failed)
        return NULL;
    reply->str = text->data;
    reply->len = bytes.len;
    return reply;
}

static void *
place_kind(sio_redis_replies *r, const redisReadTask *task, sio_view said)
{
    const char *name = name_of_kind(said);

    return name != NULL ? place_text(r, task, sio_view_of(name))
                        : redis_replies_refuse(r, "it said what was not subscribed to");
}

static void *
place_array(sio_redis_replies *r, const redisReadTask *task, size_t n_elements)
{
    redisReply *reply = redis_replies_place(r, task, REDIS_REPLY_ARRAY);

    reply->element = r->elements;
    reply->elements = n_elements;
    return reply;
}

/* --- What the reader of hiredis calls. --- */

static void *
create_string(const redisReadTask *task, char *bytes, size_t len)
{
    sio_redis_replies *r = task->privdata;
    const sio_view     text = {bytes, len};

    if (!is_text_type(task->type))
        return redis_replies_refuse(r, "it speaks RESP3");
    if (!admits(r, task, task->type))
        return NULL;
    r->n_bytes += len;
    if (r->n_bytes > SIO_REDIS_MAX_REPLY_BYTES)
        return redis_replies_refuse(r, sio_redis_replies_too_large);
    if (r->on_heap != NULL)
        return r->on_heap->createString(task, bytes, len);
    return task->parent != NULL && task->idx == 0 && has_subscribed(r) ? place_kind(r, task, text)
                                                                       : place_text(r, task, text);
}

static void *
create_array(const redisReadTask *task, sio_hiredis_count n_elements)
{
    sio_redis_replies *r = task->privdata;
    const bool         is_heard = r->on_heap == NULL;
    const size_t       n = (size_t)n_elements,
                 min = is_heard && has_subscribed(r) ? MIN_HEARD_ELEMENTS : 0,
                 max = is_heard ? SIO_REDIS_MAX_HEARD_ELEMENTS : SIO_REDIS_MAX_ELEMENTS;

    if (task->type != REDIS_REPLY_ARRAY)
        return redis_replies_refuse(r, "it speaks RESP3");
    if ((task->parent != NULL && r->form != SIO_REDIS_REPLIES_NESTED) || n < min || n > max)
        return redis_replies_refuse(r, "a reply has a form that no command asks for");
    if (!admits(r, task, REDIS_REPLY_ARRAY))
        return NULL;
    r->n_elements += n;
    if (r->n_elements > SIO_REDIS_MAX_ELEMENTS)
        return redis_replies_refuse(r, sio_redis_replies_too_large);
    return is_heard ? place_array(r, task, n) : r->on_heap->createArray(task, n_elements);
}

static void *
create_integer(const redisReadTask *task, long long value)
{
    sio_redis_replies *r = task->privdata;
    redisReply        *reply;

    if (!admits(r, task, REDIS_REPLY_INTEGER))
        return NULL;
    if (r->on_heap != NULL)
        return r->on_heap->createInteger(task, value);
    reply = redis_replies_place(r, task, REDIS_REPLY_INTEGER);
    reply->integer = value;
    return reply;
}

static void *
create_nil(const redisReadTask *task)
{
    sio_redis_replies *r = task->privdata;

    if (!admits(r, task, REDIS_REPLY_NIL))
        return NULL;
    return r->on_heap != NULL ? r->on_heap->createNil(task)
                              : redis_replies_place(r, task, REDIS_REPLY_NIL);
}

static void
free_object(void *reply)
{
    (void)reply; /* the next one takes its place */
}

/* --- Public. --- */

/* Of a connection that does not subscribe free_object is hiredis' own. */
static redisReplyObjectFunctions
functions_with(void (*free_reply)(void *reply))
{
    return (redisReplyObjectFunctions){.createString = create_string,
                                       .createArray = create_array,
                                       .createInteger = create_integer,
                                       .createNil = create_nil,
                                       .freeObject = free_reply,
                                       SIO_HIREDIS_NO_RESP3};
}

void
sio_redis_replies_use(sio_redis_replies *r, redisAsyncContext *ac, sio_redis_replies_form form)
{
    redisReader *reader = ac->c.reader;
    const bool   is_heard = form == SIO_REDIS_REPLIES_HEARD;

    r->ac = ac;
    r->form = form;
    r->on_heap = is_heard ? NULL : reader->fn;
    r->fault = NULL;
    r->is_taken = false;
    r->functions = functions_with(is_heard ? free_object : reader->fn->freeObject);
    reader->fn = &r->functions;
    reader->privdata = r;
}

bool
sio_redis_replies_is_too_large(const redisAsyncContext *ac)
{
    return ac->c.reader->len > SIO_REDIS_MAX_REPLY_BYTES;
}

const char *
sio_redis_replies_fault(const sio_redis_replies *r)
{
    return sio_redis_replies_is_too_large(r->ac) ? sio_redis_replies_too_large : r->fault;
}
