/*
 * server/handler/session09.h - from a request with a session id to the session.
 *
 * directory.h finds the instance that has it, or opens it with a handshake that waits in the store.
 * On another instance it is reached through a sink. The first request of a session connects it
 * (spec/socketio-0.9.md section 5.1).
 */
#ifndef SIO_HANDLER_SESSION09_H
#define SIO_HANDLER_SESSION09_H

#include "protocol/sio09_target.h"
#include "server/http/exchange.h"
#include "server/transport/transport.h"

/* A GET or an upgrade: open a channel of transport for the session, or say that it is unknown. */
void sio_session09_open_channel(sio_exchange *x, const sio_request *r, const sio09_target *t,
                                const sio_transport *transport);

/* A POST: answered when the instance that has the session has it, or the id is not known (2.3). */
void sio_session09_post(sio_exchange *x, const sio_request *r, const sio09_target *t,
                        const sio_transport *transport);

/*
 * The head of such a POST is here. If its session is at another instance, that is asked whether it
 * wants the body, and true is returned: when that is here, sio_session09_deliver() follows, or one
 * of the functions of proxy_request.h. The request may have been refused.
 */
bool sio_session09_post_begins(sio_exchange *x, const sio_http_request *head, const sio09_target *t,
                               const sio_transport *transport);
void sio_session09_deliver(sio_exchange *x, const sio_request *r);

/* Forget what waits for the store, as at the end of the server. */
void sio_session09_cancel(sio_env *env);

/* ?disconnect: the session ends as if the client had sent 0::. Unknown ids get 200 too (1.6). */
void sio_session09_disconnect(sio_exchange *x, sio_view id);

#endif
