/*
 * server/socketio/server_side.h - what the application says to itself on the other instances:
 * serverSideEmit() of socket.io.
 *
 * An adapter carries it; what is heard comes back here.
 */
#ifndef SIO_SOCKETIO_SERVER_SIDE_H
#define SIO_SOCKETIO_SERVER_SIDE_H

#include "server/base/inner_events.h"
#include "server/socketio/namespace.h"

/* Another instance has said it. args: a JSON array, or empty. Who has no callback ignores it. */
void sio_server_side_hear(sio_namespace *nsp, sio_view event, sio_view args);

/*
 * May it be said? 0, and *args is the array, or empty; -1, and sio_error() tells why not.
 */
int sio_server_side_check(const sio_namespace *nsp, const char *event, const char *args_json,
                          sio_view *args);

/* Is it one of inner_events.h? Only instances of siobroker may say that to each other. */
bool sio_server_side_is_inner(sio_view event);

/* For parts of the server: what is said by names that applications can not use. */
extern const sio_inner_events sio_server_side_inner_events;

/* With nsp: nobody is called any more. */
void sio_server_side_free_handlers(sio_namespace *nsp);

#endif
