/*
 * store/redis_replies.h - replies of hiredis that are always built in the same place.
 *
 * Called by store/redis_link.c for connections that subscribe. Of each message that it hears hiredis
 * makes a tree of eight pieces of memory, which lives as long as one callback. A connection that
 * subscribes is told little else, so the tree has a place of its own here.
 */
#ifndef SIO_STORE_REDIS_REPLIES_H
#define SIO_STORE_REDIS_REPLIES_H

#include "protocol/buf.h"

#include <hiredis/hiredis.h>

enum { SIO_REDIS_REPLY_MAX_ELEMENTS = 4 }; /* "pmessage", pattern, channel, bytes */

typedef struct {
    redisReply  replies[1 + SIO_REDIS_REPLY_MAX_ELEMENTS]; /* the whole one first */
    sio_buf     texts[1 + SIO_REDIS_REPLY_MAX_ELEMENTS];
    redisReply *elements[SIO_REDIS_REPLY_MAX_ELEMENTS];
} sio_redis_replies;

void sio_redis_replies_init(sio_redis_replies *r);
void sio_redis_replies_fini(sio_redis_replies *r);

/*
 * From now on reader, which has read nothing yet, builds its replies in r; each lives until the next
 * one. One with more elements, or with an array in an array, is for the reader as if memory had run
 * out. r must outlive what reader has given.
 */
void sio_redis_replies_use(sio_redis_replies *r, redisReader *reader);

#endif
