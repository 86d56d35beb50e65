/*
 * server/roaming/proxy_request.h - a request that came here, and that the instance with its session
 * has to answer.
 *
 * POSTs are handed on with their body, and answered when the owner has that. An upgrade of
 * Engine.IO is asked for before it is begun, and then served by a sink (proxy_session.h). When the
 * owner goes, clients of Engine.IO learn that the session is not known. Rules: spec/socketio-0.9.md
 * section 8.6.
 */
#ifndef SIO_ROAMING_PROXY_REQUEST_H
#define SIO_ROAMING_PROXY_REQUEST_H

#include "server/cluster/module.h"
#include "server/http/exchange.h"
#include "server/transport/transport.h"

/*
 * Hand on the body of a POST, which is valid UTF-8 unless is_bytes. Takes what o owns, which is
 * empty afterwards.
 */
void sio_proxy_request_post(sio_exchange *x, sio_opening *o, sio_view id, sio_view body,
                            bool is_bytes, sio_peer *peer);

/*
 * The body of a POST for the session id, if it is one of Engine.IO elsewhere, was lost: tell its
 * owner.
 */
void sio_proxy_request_body_lost(sio_env *env, sio_view id);

/*
 * Ask for an upgrade, which the transport of o has accepted; or, with a verdict that is not
 * SIO_EIO_ACCEPTED, for what has to be said before that verdict. Takes what o owns, as above.
 */
void sio_proxy_request_ask(sio_exchange *x, sio_opening *o, sio_eio_verdict verdict, sio_view id,
                           sio_peer *peer);

/* It hears answers of owners. */
extern const sio_cluster_module sio_proxy_request_module;

#endif
