/*
 * store/redis_events.h - a connection of hiredis on a loop of libevent.
 *
 * Called by store/redis_link.c. The adapter that comes with this version of hiredis asks the kernel
 * anew for each reply, and before it writes a command waits until it may: four or more system calls
 * for each message between instances. This one keeps asking to read, and writes at the end of the
 * loop turn in which the first command was given, together with those that came after it.
 */
#ifndef SIO_STORE_REDIS_EVENTS_H
#define SIO_STORE_REDIS_EVENTS_H

#include <event2/event.h>
#include <hiredis/async.h>

/*
 * From now on base drives ac, until hiredis frees it. SIO_OK or SIO_ERR_NOMEM; ac is the caller's
 * in either case.
 */
int sio_redis_events_attach(redisAsyncContext *ac, struct event_base *base);

/*
 * ac, which is attached, reads and writes fd from now on, and closes it in the end. The descriptor
 * of before is the caller's.
 */
void sio_redis_events_move(redisAsyncContext *ac, int fd);

/*
 * Write now what was given to ac, which is attached and connected, and not at the end of the turn.
 * Nobody is called back: a failure is found at the end of the turn.
 */
void sio_redis_events_flush(redisAsyncContext *ac);

/* reply lives during the call. */
typedef void (*sio_redis_taken)(void *arg, const redisReply *reply);

/* All that is read from ac, which is attached, goes to fn, and to nobody in hiredis. */
void sio_redis_events_take(redisAsyncContext *ac, sio_redis_taken fn, void *arg);

#endif
