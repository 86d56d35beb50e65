/*
 * server/roaming/owner_engine.h - requests of Engine.IO that came to another instance, for sessions
 * of this.
 *
 * They are judged as those that came here (engine_judge.h). A session of Engine.IO is where its
 * handshake was, so they need not be looked for, nor passed on. Called by owner_request.c.
 */
#ifndef SIO_ROAMING_OWNER_ENGINE_H
#define SIO_ROAMING_OWNER_ENGINE_H

#include "server/cluster/peers.h"

/* OPEN, MAY_POST, POST or PROBE, of a sink or a relay. */
void sio_owner_engine_hear(sio_peer *peer, const sio_cluster_message *m);

#endif
