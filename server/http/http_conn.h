/*
 * server/http/http_conn.h - HTTP/1.1 on one connection: requests in turn, each with one complete answer.
 *
 * Called by listener.c (a new connection) and by everything that answers: routes.c, handshake09.c,
 * the transports. A request that can not be answered at once (a poll, a handshake that waits for
 * Redis) stays pending; what the client sends meanwhile waits, bounded.
 * Rules: RFC 9112; spec/socketio-0.9.md section 1 for the bodies.
 */
#ifndef SIO_HTTP_HTTP_CONN_H
#define SIO_HTTP_HTTP_CONN_H

#include "protocol/buf.h"
#include "protocol/http_request.h"
#include "server/net/conn.h"

typedef struct sio_http_conn sio_http_conn;

/* What all HTTP connections of a server share. */
typedef struct sio_http {
    sio_http_request request; /* the one being parsed; too large for the stack of a callback */
    sio_buf          answer;  /* being written */
} sio_http;

void sio_http_init(sio_env *env);
void sio_http_fini(sio_env *env);

/* One request, valid during the call that hands it over; handlers copy what they keep. */
typedef struct {
    const sio_http_request *head;
    sio_view                body;
} sio_request;

/*
 * The answer to one request. A handler answers it before it returns, or sets `abandoned` and
 * `owner` and answers later. `abandoned` is called when the client goes away first, with the reason
 * "socket end" or "socket error"; the exchange must not be used after that, nor after it was
 * answered.
 */
typedef struct sio_exchange {
    sio_env  *env;
    sio_conn *conn;
    bool      keep_alive;
    bool      head_only; /* HEAD: no body follows the headers */
    bool      http_1_0;  /* no chunked answers */
    char     *origin;    /* of the page that may read a refusal; NULL: none, or not admitted */
    void (*abandoned)(struct sio_exchange *x, const char *reason);
    void (*writable)(struct sio_exchange *x); /* a streamed answer may go on; may be NULL */
    /*
     * Set when the head was seen and the body is on its way (sio_routes_await_body()), with `owner`;
     * called once when the body is here and before it is routed, or with is_lost when it never will
     * be. May be NULL.
     */
    void (*body_over)(struct sio_exchange *x, bool is_lost);
    void *owner;
} sio_exchange;

/* Speak HTTP on a new connection. */
void sio_http_conn_start(sio_conn *c);

/* The server stops: close c when it is idle, or after the answer that it waits for. */
void sio_http_conn_drain(sio_conn *c);

/* A streamed answer is complete. The connection goes on to the next request, or is closed. */
void sio_http_conn_done(sio_exchange *x);

/*
 * Take the connection out of HTTP, as after a 101 answer. Bytes that followed the request are
 * appended to rest. The caller sets handler and owner of the connection that is returned.
 */
sio_conn *sio_http_conn_detach(sio_exchange *x, sio_buf *rest);

#endif
