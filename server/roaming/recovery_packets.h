/*
 * server/roaming/recovery_packets.h - what travels with the state of a client that has moved: the
 * packets that it missed, and which broadcasts the instance where it was had heard.
 *
 * Part of recovery_transfer.c. Both are lists as of protocol/cluster_message.h.
 */
#ifndef SIO_ROAMING_RECOVERY_PACKETS_H
#define SIO_ROAMING_RECOVERY_PACKETS_H

#include "server/socketio/recovery.h"

/*
 * Append a packet: its text without the offset, which the other instance makes, and attachments. A
 * text that is marked as binary is one that is not to be compressed, nor what belongs to it.
 */
void sio_recovery_packets_add(const sio_env *env, const sio_logged_packet *p, sio_buf *list);

/* Such a packet, which may come from Redis: into the log of this instance, for one client alone. */
void sio_recovery_packets_add_again(const sio_recovery_state *state, sio_view packet);

/* The last broadcast that this instance has heard of each, itself included: tag and number. */
void sio_recovery_packets_list_heard(const sio_env *env, sio_buf *list);

/* Had the one who made the list heard that broadcast? */
bool sio_recovery_packets_was_heard(sio_view list, sio_cast_id cast);

#endif
