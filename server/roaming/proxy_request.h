/*
 * server/roaming/proxy_request.h - a request that came here, and that the instance with its session
 * has to answer.
 *
 * POSTs are handed on with their body, and answered when the owner has that. If it is large, the
 * owner is asked first, as soon as the head is here: what nobody wants does not go through Redis.
 * Until then it is read and kept here. An upgrade of Engine.IO is asked for before it is begun, and
 * then served by a sink (proxy_session.h). When the owner goes, clients of Engine.IO learn that the
 * session is not known. Rules: spec/socketio-0.9.md section 8.6.
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
 * The same for one whose body is on its way, when its head is here; for service.h. x->owner is then
 * its place: one of the next functions ends that, unless it is NULL by then, and the client was
 * answered. Takes what o owns.
 */
void sio_proxy_request_body_begins(sio_exchange *x, const sio_http_request *head, sio_opening *o,
                                   sio_view id, sio_peer *peer);

/* What it is for, until the body is here. */
const sio_opening *sio_proxy_request_opening(const sio_exchange *x);

/* It is_lost: the owner is told. Otherwise one of the next two functions follows. */
void sio_proxy_request_body_ends(sio_exchange *x, bool is_lost);

/* It is here, as for sio_proxy_request_post(). body->failed: there was no memory for it. */
void sio_proxy_request_body_is_here(sio_exchange *x, const sio_buf *body, bool is_bytes);

/* It was too large. The caller answers. */
void sio_proxy_request_body_refused(sio_exchange *x);

/*
 * Ask for an upgrade, which the transport of o has accepted; or, with a verdict that is not
 * SIO_EIO_ACCEPTED, for what has to be said before that verdict. Takes what o owns, as above.
 */
void sio_proxy_request_ask(sio_exchange *x, sio_opening *o, sio_eio_verdict verdict, sio_view id,
                           sio_peer *peer);

/* It hears answers of owners. */
extern const sio_cluster_module sio_proxy_request_module;

#endif
