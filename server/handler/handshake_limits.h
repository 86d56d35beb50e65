/*
 * server/handler/handshake_limits.h - how many sessions may begin, and handshakes wait for theirs.
 *
 * What has begun is on the account of its address (base/budget.h). An address that has "max
 * sessions per address" gets no more, nor one that has begun "max handshakes per address" in this
 * second (handshake_rate.h), unless it is that of a proxy; where all together have too many, the
 * heaviest loses one for each that comes. So a flood from one place keeps nobody else out. While
 * the process has next to no memory left (base/memory_guard.h) nobody gets one.
 */
#ifndef SIO_HANDLER_HANDSHAKE_LIMITS_H
#define SIO_HANDLER_HANDSHAKE_LIMITS_H

#include <stdbool.h>

#include "protocol/http_request.h"
#include "server/base/budget.h"
#include "server/http/exchange.h"

/*
 * May the client of that request begin a session? 0: yes, and it counts as one that does; else the
 * status of the refusal: 429 (it has begun too many in this second) or 503.
 */
unsigned sio_handshake_limits_refuse(const sio_exchange *x, const sio_http_request *head);

/* --- Of 0.9: until a request of the session comes, its handshake is in the store. --- */

typedef struct {
    sio_hash     by_id;
    sio_accounts accounts; /* of these alone: the store has a limit of its own */
} sio_unused_handshakes;

int  sio_unused_handshakes_init(sio_env *env);
void sio_unused_handshakes_fini(sio_env *env);

/*
 * A handshake is about to be stored for "handshake timeout"; its record tells the address. Without
 * memory it is not counted.
 */
void sio_unused_handshakes_add(sio_env *env, sio_view id, sio_view record);

/* It was not stored after all. */
void sio_unused_handshakes_drop(sio_env *env, sio_view id);

/* Its session has begun. */
extern const struct sio_watcher sio_unused_handshakes_watcher;

/* The store is full: the heaviest address gives up one. False: there is none. */
bool sio_unused_handshakes_evict(sio_env *env);

#endif
