/*
 * server/socketio/broadcast.h - whom an application means when it speaks to many.
 */
#ifndef SIO_SOCKETIO_BROADCAST_H
#define SIO_SOCKETIO_BROADCAST_H

#include "server/socketio/namespace.h"

/* What an sio_to says, as a target, which views it and this. */
typedef struct {
    sio_target target;
    sio_buf    more_rooms, except_rooms;
    bool       is_nobody; /* the members of no room at all */
} sio_receivers;

/*
 * to NULL: everyone. 0, and then to be ended with sio_receivers_fini(); or -1 when out of memory.
 */
int  sio_receivers_init(sio_receivers *r, const sio_to *to);
void sio_receivers_fini(sio_receivers *r);

#endif
