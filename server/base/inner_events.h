/*
 * server/base/inner_events.h - what a part of the server says to the same part of the other
 * instances.
 *
 * It travels as what applications say to each other (socketio/server_side.h, which fills in the
 * table below), in the default namespace, by names that begin with "siobroker:". Applications can
 * use no such name. So a folder that may know siobroker.h alone can talk to its like, too.
 */
#ifndef SIO_BASE_INNER_EVENTS_H
#define SIO_BASE_INNER_EVENTS_H

#include "server/siobroker.h"

typedef struct {
    /* As sio_server_side_emit() and sio_on_server_side(). */
    int (*emit)(sio_namespace *nsp, const char *event, const char *args_json);
    int (*on)(sio_namespace *nsp, const char *event, sio_server_side_fn fn, void *arg);
} sio_inner_events;

#endif
