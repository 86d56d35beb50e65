/*
 * server/adapter/node4_recovery.h - clients that come back to another server of a cluster with the
 * streams adapter than they were at last, be it one of Node or of siobroker.
 *
 * The offset of a packet is the id of its entry in the stream, so all agree on what has been missed.
 * Who has lost a client leaves its record in Redis; who gets it back takes that, and what is in the
 * stream behind the offset.
 *
 * So an event is sent to clients here when it has come back from the stream, even if it is for one
 * of them alone (sio_node4_recovery_is_on). Rule: spec/socketio-ecosystem.md, 5.3.
 */
#ifndef SIO_ADAPTER_NODE4_RECOVERY_H
#define SIO_ADAPTER_NODE4_RECOVERY_H

#include "protocol/node4_cluster.h"
#include "server/socketio/recovery.h"

/* From now on states are kept so, if the settings say so. */
void sio_node4_recovery_join(sio_env *env);

/* What was read from the stream is given up, and left for others where it was. */
void sio_node4_recovery_settle(sio_env *env);

/* Do events of this instance wait for their entry? */
bool sio_node4_recovery_is_on(const sio_env *env);

/* The entry with that id is about to be told, and has been told: who waits for it goes on. */
void sio_node4_recovery_note_next(sio_env *env, sio_view id);
void sio_node4_recovery_note_told(sio_env *env, sio_view id);

/* Is it an event that clients get again? */
bool sio_node4_recovery_covers(const sio_node4_cluster_message *m);

#endif
