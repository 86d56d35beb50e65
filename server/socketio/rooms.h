/*
 * server/socketio/rooms.h - rooms, and finding those who are in them.
 *
 * Rules: spec/socketio-0.9.md sections 6.2 and 6.3. A room belongs to its namespace here, so that a
 * room "r1" of the default namespace is not the namespace "/r1" (Q17).
 */
#ifndef SIO_SOCKETIO_ROOMS_H
#define SIO_SOCKETIO_ROOMS_H

#include "server/socketio/namespace.h"

void sio_rooms_leave_all(sio_socket *socket);

/* Which sockets of a namespace. Lists are those of sio_cluster_message_add_packet(). */
typedef struct {
    bool              has_room; /* members of room or of one in the list; otherwise everyone */
    sio_view          room;
    sio_view          more_rooms;   /* list */
    sio_view          except_rooms; /* list: not their members */
    const sio_socket *except;       /* not this one; may be NULL */
} sio_target;

/*
 * Call fn for each of them on this instance, once. fn may not change who is where. The room named
 * as a socket's id is that socket.
 */
void sio_rooms_walk(sio_namespace *nsp, const sio_target            *target,
                    void (*fn)(sio_socket *socket, void *arg), void *arg);

/* Call fn for each room of this instance, and how many sockets are in it. */
void sio_rooms_each(const sio_namespace *nsp,
                    void (*fn)(sio_view name, size_t n_members, void *arg), void *arg);

#endif
