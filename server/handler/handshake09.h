/*
 * server/handler/handshake09.h - the request that begins a session (spec/socketio-0.9.md section 1.2).
 */
#ifndef SIO_HANDLER_HANDSHAKE09_H
#define SIO_HANDLER_HANDSHAKE09_H

#include "protocol/sio09_target.h"
#include "server/http/http_conn.h"

/*
 * Answer with a new session id, after every instance can know it: another instance may be asked
 * for the connection that follows at once (race R1). The handshake lives in the store until a
 * transport takes it or its time is over.
 */
void sio_handshake09_serve(sio_exchange *x, const sio_request *r, const sio09_target *t);

/* Does the setting "origins" admit the page that asks? */
bool sio_handshake09_origin_allowed(const sio_env *env, const sio_http_request *head);

/* The Origin header of a page that may read the answer; empty when there is none, or not admitted. */
sio_view sio_handshake_readable_origin(const sio_env *env, const sio_http_request *head);

#endif
