/*
 * server/http/http_conn.h - HTTP/1.1 on one connection: requests in turn, each with one complete
 * answer.
 *
 * Started by net.c for each connection that comes in; service.h says who answers. A request that
 * can not be answered at once (a poll, a handshake that waits for Redis) stays pending; what the
 * client sends meanwhile waits, bounded. Rules: RFC 9112; spec/socketio-0.9.md section 1 for the
 * bodies.
 */
#ifndef SIO_HTTP_HTTP_CONN_H
#define SIO_HTTP_HTTP_CONN_H

#include "protocol/buf.h"
#include "server/http/exchange.h"
#include "server/net/net.h"

/* HTTP is what is spoken on connections that come in. */
extern const sio_net_owner sio_http_conn_owner;

/* Speak HTTP on a new connection. */
void sio_http_conn_start(sio_conn *c);

/* The same beside the public port. */
void sio_http_conn_start_at(sio_conn *c, struct sio_side *side);

/*
 * The server stops: close c when it is idle, or after the answer that it waits for.
 * waits_for_request: not yet if one has begun to arrive, or the first is still to come. It gets its
 * answer, and nobody has to repeat what may not be repeated. Those beside the public port, which
 * nobody waits for, are answered as long as there is somebody to ask.
 */
void sio_http_conn_drain(sio_conn *c, bool waits_for_request);

/*
 * Another process listens beside the public port from now on: close c, if it is one of those, when
 * it is idle, or after the next answer.
 */
void sio_http_conn_leave_side(sio_conn *c);

/*
 * Take the connection out of HTTP, as after a 101 answer. Bytes that followed the request are
 * appended to rest. The caller sets handler and owner of the connection that is returned.
 */
sio_conn *sio_http_conn_detach(sio_exchange *x, sio_buf *rest);

#endif
