/*
 * server/remote.h - a session of this instance whose client came to another one.
 *
 * The sink there (sink.h) holds the connection; here a channel stands for it, which a session
 * serves as any other. Packets that were sent to the sink stay in the queue until it says that they
 * were written. Rules: spec/socketio-0.9.md section 8.6.
 */
#ifndef SIO_REMOTE_H
#define SIO_REMOTE_H

#include "server/peers.h"

/* A message of a sink; it is passed on when the session is elsewhere. */
void sio_remote_hear(sio_peer *peer, const sio_cluster_message *m);

/*
 * The peer is gone with the connections that it held. A session whose packets were on their way
 * ends, because they may have arrived; the others wait for the next request of their clients.
 */
void sio_remote_peer_gone(sio_peer *peer);

#endif
