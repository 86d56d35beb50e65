/*
 * server/roaming/proxy_session.h - a client that came here, with a session of another instance.
 *
 * A sink has the mailbox that its connection empties; the owner of the session fills it, and is
 * told what was written. It lasts as long as that one connection: a poll, or a stream. Requests
 * that only need an answer are in proxy_request.h. Rules: spec/socketio-0.9.md section 8.6.
 */
#ifndef SIO_ROAMING_PROXY_SESSION_H
#define SIO_ROAMING_PROXY_SESSION_H

#include "server/cluster/module.h"
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

/*
 * For a server that leaves: call fn for each stream of a session of another instance, with its
 * number. None may end in these calls.
 */
void sio_proxy_session_each_stream(sio_env *env, void (*fn)(void *arg, uint64_t number), void *arg);

/* End that stream, and with it the session, so that its client comes back. False: it is gone. */
bool sio_proxy_session_end_stream(sio_env *env, uint64_t number);

/* It hears owners. */
extern const sio_cluster_module sio_proxy_session_module;

#endif
