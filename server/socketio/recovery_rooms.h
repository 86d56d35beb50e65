/*
 * server/socketio/recovery_rooms.h - which packets of the log a client would have got: by its
 * rooms.
 *
 * A name of a room has a bit, so that most rooms in which a client is not need no comparison.
 */
#ifndef SIO_SOCKETIO_RECOVERY_ROOMS_H
#define SIO_SOCKETIO_RECOVERY_ROOMS_H

#include "server/socketio/recovery.h"

/* The bit of a name. */
uint64_t sio_recovery_rooms_bit(sio_view name);

/* Those of a list of names, as in sio_target. */
uint64_t sio_recovery_rooms_bits(sio_view list);

/* The rooms or the id of a state have been filled in. */
void sio_recovery_rooms_note(sio_recovery_state *state);

/* Would the client have got what is for those, or that packet? */
bool sio_recovery_rooms_match_target(const sio_recovery_state *state, const sio_target *target);
bool sio_recovery_rooms_match(const sio_recovery_state *state, const sio_logged_packet *p);

#endif
