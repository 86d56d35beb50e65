#include "store/redis_count.h"

#include <stdlib.h>

typedef struct {
    sio_redis_call    call; /* first: the client frees it */
    sio_store_counted fn;
    void             *arg;
    uint64_t          number;
} counting;

/* [channel, n] */
static void
on_count(sio_redis_call *call, const redisReply *reply)
{
    const counting *c = (counting *)(void *)call;
    const bool      is_known = reply != NULL && reply->type == REDIS_REPLY_ARRAY &&
                          reply->elements == 2 && reply->element[1]->type == REDIS_REPLY_INTEGER;

    c->fn(c->arg, c->number, is_known ? reply->element[1]->integer : -1);
}

void
sio_redis_count_ask(sio_redis_store *s, const char *verb, sio_view channel, sio_store_counted fn,
                    void *arg, uint64_t number)
{
    sio_redis_command command = {.argc = 0};
    counting         *c = calloc(1, sizeof *c);

    if (c == NULL) {
        fn(arg, number, -1);
        return;
    }
    c->call.answer = on_count;
    c->fn = fn;
    c->arg = arg;
    c->number = number;
    sio_redis_command_add(&command, SIO_VIEW("PUBSUB"));
    sio_redis_command_add(&command, sio_view_of(verb));
    sio_redis_command_add(&command, channel);
    (void)sio_redis_client_send(s->client, &c->call, &command);
}
