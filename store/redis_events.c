#include "store/redis_events.h"

#include "protocol/result.h"
#include "store/redis_replies.h"

#include <stdbool.h>
#include <stdlib.h>

typedef struct {
    redisAsyncContext *ac;
    struct event      *readable, *writable;
    sio_redis_taken    taken; /* NULL: hiredis tells who has asked */
    void              *taken_arg;
    bool               is_writing; /* hiredis was told to write, and has not said yet how it went */
} events;

/* False: the connection has ended, or what came can not be read. */
static bool
hand_over(events *e)
{
    redisContext *c = &e->ac->c;
    redisReply   *reply = NULL;

    if (redisBufferRead(c) != REDIS_OK)
        return false;
    while (redisGetReplyFromReader(c, (void **)&reply) == REDIS_OK) {
        if (reply == NULL)
            return true;
        e->taken(e->taken_arg, reply);
        freeReplyObject(reply);
        if ((c->flags & REDIS_FREEING) != 0)
            return false;
    }
    return false;
}

/* As hiredis does it: who ends the connection meanwhile only says so, and it ends afterwards. */
static void
read_taken(events *e)
{
    redisAsyncContext *ac = e->ac;
    bool               goes_on;

    ac->c.flags |= REDIS_IN_CALLBACK;
    goes_on = hand_over(e);
    ac->c.flags &= ~REDIS_IN_CALLBACK;
    if (!goes_on)
        redisAsyncFree(ac); /* frees e */
}

static void
on_redis_events_readable(evutil_socket_t fd, short what, void *arg)
{
    events *e = arg;

    (void)fd;
    (void)what;
    if (sio_redis_replies_is_too_large(e->ac))
        redisAsyncFree(e->ac); /* frees e */
    else if (e->taken != NULL)
        read_taken(e);
    else
        redisAsyncHandleRead(e->ac); /* may free e */
}

static void
on_redis_events_writable(evutil_socket_t fd, short what, void *arg)
{
    events *e = arg;

    (void)fd;
    (void)what;
    e->is_writing = true;
    redisAsyncHandleWrite(e->ac); /* may free e */
}

static void
add_read(void *arg)
{
    const events *e = arg;

    event_add(e->readable, NULL);
}

static void
del_read(void *arg)
{
    const events *e = arg;

    event_del(e->readable);
}

/* Asked for while writing, or before it is connected: the socket has to say when it is ready. */
static void
add_write(void *arg)
{
    events *e = arg;

    if (e->is_writing || (e->ac->c.flags & REDIS_CONNECTED) == 0)
        event_add(e->writable, NULL);
    else
        event_active(e->writable, EV_WRITE, 0);
    e->is_writing = false;
}

static void
del_write(void *arg)
{
    events *e = arg;

    event_del(e->writable);
    e->is_writing = false;
}

static void
cleanup(void *arg)
{
    events *e = arg;

    if (e->readable != NULL)
        event_free(e->readable);
    if (e->writable != NULL)
        event_free(e->writable);
    free(e);
}

int
sio_redis_events_attach(redisAsyncContext *ac, struct event_base *base)
{
    events *e = calloc(1, sizeof *e);

    if (e == NULL)
        return SIO_ERR_NOMEM;
    e->ac = ac;
    e->readable = event_new(base, ac->c.fd, EV_READ | EV_PERSIST, on_redis_events_readable, e);
    e->writable = event_new(base, ac->c.fd, EV_WRITE | EV_PERSIST, on_redis_events_writable, e);
    if (e->readable == NULL || e->writable == NULL || event_add(e->readable, NULL) != 0 ||
        event_add(e->writable, NULL) != 0) {
        cleanup(e);
        return SIO_ERR_NOMEM;
    }
    ac->ev.data = e;
    ac->ev.addRead = add_read;
    ac->ev.delRead = del_read;
    ac->ev.addWrite = add_write;
    ac->ev.delWrite = del_write;
    ac->ev.cleanup = cleanup;
    return SIO_OK;
}

static void
events_assign(struct event *e, int fd, short what, event_callback_fn fn, void *arg)
{
    struct event_base *base = event_get_base(e);

    event_del(e);
    event_assign(e, base, fd, what | EV_PERSIST, fn, arg);
    event_add(e, NULL);
}

void
sio_redis_events_move(redisAsyncContext *ac, int fd)
{
    events *e = ac->ev.data;

    ac->c.fd = fd;
    events_assign(e->readable, fd, EV_READ, on_redis_events_readable, e);
    events_assign(e->writable, fd, EV_WRITE, on_redis_events_writable, e);
}

void
sio_redis_events_flush(redisAsyncContext *ac)
{
    int is_done;

    /* What is left, or wrong, is found when it is written at the end of the turn. */
    (void)redisBufferWrite(&ac->c, &is_done);
}

void
sio_redis_events_take(redisAsyncContext *ac, sio_redis_taken fn, void *arg)
{
    events *e = ac->ev.data;

    e->taken = fn;
    e->taken_arg = arg;
}
