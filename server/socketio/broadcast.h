/*
 * server/socketio/broadcast.h - one event for many clients, and whom an application means by them.
 *
 * Rules: spec/socketio-0.9.md section 6.2, spec/socketio-modern.md section 3.
 */
#ifndef SIO_SOCKETIO_BROADCAST_H
#define SIO_SOCKETIO_BROADCAST_H

#include "server/socketio/rooms.h"

/* What an sio_to says, as a target, which views it and this. */
typedef struct {
    sio_target target;
    sio_buf    more_rooms, except_rooms;
    bool       is_nobody; /* the members of no room at all */
} sio_receivers;

/*
 * to NULL: everyone. 0, and then to be ended with sio_receivers_fini(); or -1: out of memory, or
 * there is nobody yet (sio_error() tells).
 */
int  sio_receivers_init(sio_receivers *r, const sio_namespace *nsp, const sio_to *to);
void sio_receivers_fini(sio_receivers *r);

/* Send p to one socket, which is connected; now, or when an adapter wants it. */
void sio_broadcast_send_to_socket(sio_socket *socket, const sio_packet *p, bool is_volatile);
void sio_broadcast_send_at_once(sio_socket *socket, const sio_packet *p, bool is_volatile);

/* Send p to the sockets of this instance. Returns how many they are. */
uint64_t sio_broadcast_send(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                            const sio_packet *p);

#endif
