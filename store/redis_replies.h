/*
 * store/redis_replies.h - which replies hiredis is given, and where they are built.
 *
 * Called by store/redis_link.c and store/redis_events.c. hiredis trusts the server: a reply that
 * nobody has asked for, or of a shape that it does not expect, meets an assert in it, and an array
 * gets its memory when its length is announced. So each piece of a reply is looked at before
 * hiredis has it, and one that no Redis sends ends the connection.
 *
 * Of each message that a connection hears which subscribes, hiredis makes a tree of eight pieces of
 * memory, which lives as long as one callback. Such a connection is told little else, so the tree
 * has a place of its own here. All other replies are built by hiredis itself.
 */
#ifndef SIO_STORE_REDIS_REPLIES_H
#define SIO_STORE_REDIS_REPLIES_H

#include "protocol/buf.h"

#include <hiredis/async.h>

enum {
    SIO_REDIS_MAX_HEARD_ELEMENTS = 4,     /* "pmessage", pattern, channel, bytes */
    SIO_REDIS_MAX_ELEMENTS = 1024 * 1024, /* of another reply, those of inner arrays included */
    SIO_REDIS_MAX_REPLY_BYTES = 64 << 20  /* of the texts of one reply */
};

/*
 * The first elements of what Redis tells a connection that subscribes, but for "message" and
 * "pmessage". hiredis keeps count of its own of these confirmations, with asserts; so they have
 * other names here, which it does not know.
 */
#define SIO_REDIS_SUBSCRIBED   "subscribed"
#define SIO_REDIS_UNSUBSCRIBED "unsubscribed"

/* What a connection asks for, and so what replies may look like. */
typedef enum {
    SIO_REDIS_REPLIES_FLAT,   /* no array within an array */
    SIO_REDIS_REPLIES_HEARD,  /* it subscribes; before that it may ask for a few texts */
    SIO_REDIS_REPLIES_NESTED, /* it reads streams */
} sio_redis_replies_form;

typedef struct {
    const redisAsyncContext   *ac;
    redisReplyObjectFunctions  functions;
    redisReplyObjectFunctions *on_heap; /* hiredis' own; NULL: the connection subscribes */
    sio_redis_replies_form     form;
    bool                       is_taken;   /* nobody in hiredis waits: redis_events.h */
    const char                *fault;      /* why a reply was refused; NULL: none was */
    size_t                     n_bytes;    /* of the texts of the reply that is being read */
    size_t                     n_elements; /* likewise, in all arrays */
    redisReply                 replies[1 + SIO_REDIS_MAX_HEARD_ELEMENTS]; /* the whole one first */
    sio_buf                    texts[1 + SIO_REDIS_MAX_HEARD_ELEMENTS];
    redisReply                *elements[SIO_REDIS_MAX_HEARD_ELEMENTS];
} sio_redis_replies;

void sio_redis_replies_init(sio_redis_replies *r);
void sio_redis_replies_fini(sio_redis_replies *r);

/*
 * From now on the replies of ac, which has read nothing yet, are looked at; r must outlive ac. If
 * they are heard, each reply lives in r until the next one. What is refused is for hiredis as if
 * memory had run out: it closes the connection.
 */
void sio_redis_replies_use(sio_redis_replies *r, redisAsyncContext *ac,
                           sio_redis_replies_form form);

/*
 * Why what has come on the connection is not to be read any further, for the log; NULL: it may be.
 */
const char *sio_redis_replies_fault(const sio_redis_replies *r);

/* That fault, if it is that a reply is too large. */
extern const char sio_redis_replies_too_large[];

/* Has so much come of one reply that the connection is to be closed? */
bool sio_redis_replies_is_too_large(const redisAsyncContext *ac);

#endif
