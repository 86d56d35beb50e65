/*
 * server/roaming/owner_channel.h - the channel of a session of this instance whose client came to
 * another one.
 *
 * The sink there (proxy_session.h) holds the connection; here this stands for it, which a session
 * serves as any other. Packets that were sent to the sink stay in the queue until it says that they
 * were written. Private to owner_request.c (requests of sinks) and owner_engine.c (those of
 * Engine.IO).
 */
#ifndef SIO_ROAMING_OWNER_CHANNEL_H
#define SIO_ROAMING_OWNER_CHANNEL_H

#include "server/cluster/peers.h"
#include "server/engine/session.h"

typedef struct sio_owner_channel sio_owner_channel;

/*
 * The sink has the number there, and such a channel. NULL: out of memory, or it has a channel
 * already. It frees itself at its end, which may come in each of these calls.
 */
sio_owner_channel *sio_owner_channel_new(sio_peer *peer, uint64_t number,
                                         const sio_channel_ops *at_sink, sio_session *session);

/* The channel of that sink, or NULL. */
sio_owner_channel *sio_owner_channel_find(const sio_peer *peer, uint64_t number);

/* One that is at that instance, or NULL. */
sio_owner_channel *sio_owner_channel_first(const sio_peer *peer);

/* Let the sink know who has the session. */
void sio_owner_channel_greet(const sio_owner_channel *r);

/* Let it serve the session. */
void sio_owner_channel_attach(sio_owner_channel *r);

/* It is a websocket of Engine.IO that may come to serve the session, which has no probe. */
void sio_owner_channel_probe(sio_owner_channel *r);

/* It is to serve the session now. False: it is not one that may. */
bool sio_owner_channel_succeed(sio_owner_channel *r);

/* What the sink says: WROTE, CLOSED, UPGRADING or MESSAGE. */
void sio_owner_channel_hear(sio_owner_channel *r, const sio_cluster_message *m);

/* The peer is gone, and the connection with it. */
void sio_owner_channel_gone(sio_owner_channel *r);

/*
 * A channel at a peer that is away, with packets that nobody knows to be written: its session waits
 * for that word, whichever channel its client opens. NULL: there is none.
 */
sio_owner_channel *sio_owner_channel_unsure(const sio_peer *peer);

/* As if its peer were gone; should it come back, it is told so. */
void sio_owner_channel_give_up(sio_owner_channel *r);

/*
 * Answer a request of the peer, with a verdict if it is one of Engine.IO. number 0: nobody waits.
 */
void sio_owner_channel_answer_request(sio_peer *peer, uint8_t kind, sio_view id, uint64_t number,
                                      sio_eio_verdict verdict);

#endif
