/*
 * server/socketio/bulk.h - the sockets of a room one by one: what the application does with each,
 * and moves.
 */
#ifndef SIO_SOCKETIO_BULK_H
#define SIO_SOCKETIO_BULK_H

#include "protocol/cluster_message.h"
#include "server/socketio/rooms.h"

/*
 * Let those sockets of this instance do that; text is what they join or leave, or their data as
 * JSON ("": none), without a NUL in it. 0, or -1 when out of memory or not all could. Applications
 * may be told of it in this call.
 */
int sio_bulk_move(sio_namespace *nsp, const sio_target *target, sio_cluster_move move,
                  sio_view text);

/*
 * The same for several rooms, a list of sio_cluster_message_add_packet(), which those sockets join
 * or leave that are meant at first, whichever rooms these are.
 */
int sio_bulk_move_rooms(sio_namespace *nsp, const sio_target *target, sio_cluster_move move,
                        sio_view rooms);

#endif
