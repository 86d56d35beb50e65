/*
 * server/roaming/owner_request.h - requests of sinks and relays for sessions that are here, or were opened with a
 * handshake that was made here.
 *
 * A connection of such a sink is a channel here (owner_channel.h). Requests of Engine.IO are
 * owner_engine.h. Rules: spec/socketio-0.9.md section 8.6.
 */
#ifndef SIO_ROAMING_OWNER_REQUEST_H
#define SIO_ROAMING_OWNER_REQUEST_H

#include "server/cluster/peers.h"

/* A message of a sink; it is passed on when the session is elsewhere. */
void sio_owner_request_hear(sio_peer *peer, const sio_cluster_message *m);

/*
 * The peer is gone with the connections that it held. A session whose packets were on their way
 * ends, because they may have arrived; the others wait for the next request of their clients.
 */
void sio_owner_request_peer_gone(sio_peer *peer);

#endif
