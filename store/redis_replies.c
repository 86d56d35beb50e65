#include "store/redis_replies.h"

#include "store/hiredis_compat.h"

#include <string.h>

enum { KEPT_BYTES = 64 * 1024 }; /* a longer text is not kept for the next one */

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

/* --- What the reader of hiredis calls. --- */

/* The reply that the task is for, empty. Elements are few, as create_array() lets no more begin. */
static redisReply *
place(const redisReadTask *task)
{
    sio_redis_replies *r = task->privdata;
    redisReply        *reply = &r->replies[0];

    if (task->parent != NULL)
        reply = r->elements[task->idx] = &r->replies[1 + task->idx];
    *reply = (redisReply){.type = task->type};
    return reply;
}

static void *
create_string(const redisReadTask *task, char *bytes, size_t len)
{
    sio_redis_replies *r = task->privdata;
    redisReply        *reply = place(task);
    sio_buf           *text = &r->texts[reply - r->replies];

    if (text->cap > KEPT_BYTES)
        sio_buf_fini(text);
    sio_buf_clear(text);
    sio_buf_add(text, bytes, len);
    sio_buf_add_char(text, '\0');
    if (text->failed)
        return NULL;
    reply->str = text->data;
    reply->len = len;
    return reply;
}

static void *
create_array(const redisReadTask *task, sio_hiredis_count n_elements)
{
    sio_redis_replies *r = task->privdata;
    redisReply        *reply;

    if (task->parent != NULL || n_elements > SIO_REDIS_REPLY_MAX_ELEMENTS)
        return NULL;
    reply = place(task);
    reply->element = r->elements;
    reply->elements = (size_t)n_elements;
    return reply;
}

static void *
create_integer(const redisReadTask *task, long long value)
{
    redisReply *reply = place(task);

    reply->integer = value;
    return reply;
}

static void *
create_nil(const redisReadTask *task)
{
    redisReply *reply = place(task);

    reply->type = REDIS_REPLY_NIL;
    return reply;
}

static void
free_object(void *reply)
{
    (void)reply; /* the next one takes its place */
}

void
sio_redis_replies_use(sio_redis_replies *r, redisReader *reader)
{
    static redisReplyObjectFunctions functions = {.createString = create_string,
                                                  .createArray = create_array,
                                                  .createInteger = create_integer,
                                                  .createNil = create_nil,
                                                  .freeObject = free_object,
                                                  SIO_HIREDIS_NO_RESP3};

    reader->fn = &functions;
    reader->privdata = r;
}
