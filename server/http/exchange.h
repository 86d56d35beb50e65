/*
 * server/http/exchange.h - one request, and the answer to it.
 *
 * Made by http_conn.c for each connection, and used by everything that answers: handlers and
 * transports, with the functions of response.h.
 */
#ifndef SIO_HTTP_EXCHANGE_H
#define SIO_HTTP_EXCHANGE_H

#include "protocol/http_request.h"
#include "server/net/conn.h"

typedef struct sio_http_route sio_http_route;

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
    sio_env              *env;
    sio_conn             *conn;
    struct sio_side      *side;  /* where it came in; NULL: the public port */
    const sio_http_route *route; /* of the request at hand; see service.h */
    bool                  keep_alive;
    bool                  head_only; /* HEAD: no body follows the headers */
    bool                  http_1_0;  /* no chunked answers */
    char *origin; /* of the page that may read a refusal; NULL: none, or not admitted */
    void (*abandoned)(struct sio_exchange *x, const char *reason);
    void (*writable)(struct sio_exchange *x); /* a streamed answer may go on; may be NULL */
    /* Set by http_conn.c. Whoever answers calls it when all of the answer was written. */
    void (*done)(struct sio_exchange *x);
    void *owner;
} sio_exchange;

#endif
