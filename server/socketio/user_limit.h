/*
 * server/socketio/user_limit.h - a user has so many sockets at most: "max sockets per user".
 *
 * A socket is its user's while it is in the room "user:ID", however it came there: by a command of
 * the HTTP API, by the answer of a webhook, by a token, or by sio_join(). When there are too many
 * in a namespace of this instance, the one that "user limit" says is disconnected: the oldest, in
 * the order of entering the room, or the newest. Those of other instances do not count, as nobody
 * can say at once how many there are.
 */
#ifndef SIO_SOCKETIO_USER_LIMIT_H
#define SIO_SOCKETIO_USER_LIMIT_H

#include "protocol/list.h"
#include "server/base/deferred.h"

typedef struct sio_env sio_env;

typedef struct {
    sio_link crowds; /* rooms that somebody has entered, to be counted at the end of the turn */
    sio_task task;
} sio_user_limit;

/* From now on; no socket is there yet. */
void sio_user_limit_open(sio_env *env);

/* No more. */
void sio_user_limit_close(sio_env *env);

#endif
