/*
 * server/socketio/room_list.h - which rooms there are, and how many sockets are in each.
 *
 * A list begins with the names that come first, so that the lists of several instances, each cut at
 * the same length, make one that is right up to that length.
 */
#ifndef SIO_SOCKETIO_ROOM_LIST_H
#define SIO_SOCKETIO_ROOM_LIST_H

#include "server/socketio/namespace.h"

/*
 * Call fn for the first rooms of this instance, by name, whose names begin so: at most max_rooms,
 * in no order. json is ["name",size], valid during the call. 0, or -1 when out of memory, maybe
 * after some.
 */
int sio_room_list_walk(const sio_namespace *nsp, sio_view prefix, size_t max_rooms,
                       void (*fn)(sio_view json, void *arg), void *arg);

/*
 * From a JSON array of such, n of them at most, in any order: each room once, by name, with the sum
 * of its sizes. What is not such is left out. To be freed; NULL when there are none, or there is no
 * memory.
 */
sio_room_size *sio_room_list_merge(sio_view sizes, size_t n, size_t *n_rooms);
void           sio_room_list_free(sio_room_size *rooms);

#endif
