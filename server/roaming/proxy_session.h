/*
 * server/roaming/proxy_session.h - a client that came here, with a session of another instance.
 *
 * A sink has the mailbox that its connection empties; the owner of the session fills it, and is
 * told what was written. It lasts as long as that one connection: a poll, or a stream. Requests
 * that only need an answer are in proxy_request.h. Rules: spec/socketio-0.9.md section 8.6.
 */
#ifndef SIO_ROAMING_PROXY_SESSION_H
#define SIO_ROAMING_PROXY_SESSION_H

#include "server/cluster/peers.h"
#include "server/http/exchange.h"
#include "server/transport/transport.h"

/* Open a channel for the session id, which the peer has or knows the place of. Answers x. */
void sio_proxy_session_open(sio_exchange *x, const sio_opening *o, sio_view id, sio_peer *peer);

/*
 * The owner has admitted a websocket to which a session of Engine.IO may move, under this number:
 * open it. Answers x.
 */
void sio_proxy_session_upgrade(sio_exchange *x, const sio_opening *o, sio_view id, uint64_t number,
                               sio_peer *peer);

/* The session is to end: ?disconnect. */
void sio_proxy_session_end(sio_peer *peer, sio_view id);

/* A message of the owner. */
void sio_proxy_session_hear(sio_peer *peer, const sio_cluster_message *m);

/* The peer is gone: its clients are told to reconnect. */
void sio_proxy_session_peer_gone(sio_peer *peer);

/* At the end of the server: those that are left, at once. */
void sio_proxy_session_drop_all(sio_env *env);

/*
 * This instance stops: polls are answered, so that clients go on elsewhere; streams end. Polls of
 * Engine.IO are only given back to their owners, and answered in the second call, when Redis has
 * that: should the next poll overtake the word, the owner would take it for a second one.
 */
void sio_proxy_session_close_all(sio_env *env);
void sio_proxy_session_answer_all(sio_env *env);

#endif
