/*
 * server/http/side.h - HTTP beside the public port: listeners with a service and bounds of their
 * own, for those who run the server.
 *
 * Its connections are not counted with those of clients, take nothing from their limits, and a
 * server that stops does not wait for them.
 */
#ifndef SIO_HTTP_SIDE_H
#define SIO_HTTP_SIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "server/http/service.h"
#include "server/net/conn.h"
#include "server/net/listener.h"

enum { SIO_SIDE_MAX_LISTENERS = 8 };

typedef struct {
    unsigned max_connections;   /* at once; one more gets 503 */
    size_t   max_request_bytes; /* of request line and headers */
    unsigned timeout_ms;        /* for a request, for the next one, and for taking the answer */
} sio_side_bounds;

typedef struct sio_side sio_side;

typedef struct {
    sio_door     door;
    sio_side    *side;
    sio_listener listener;
    bool         is_unix;
    bool         is_local; /* nobody from another machine comes in here */
} sio_side_listener;

/* Has to stay where it is, and outlives its connections. */
struct sio_side {
    sio_env                *env;
    const sio_http_service *service;
    sio_side_bounds         bounds;
    unsigned                n_conns;
    bool                    is_closed; /* then a connection ends after its answer */
    uint64_t               *n_refused; /* counts connections that were one too many */
    unsigned                n_listeners;
    sio_side_listener       listeners[SIO_SIDE_MAX_LISTENERS];
};

/* No listener yet. service and the counter outlive it. */
void sio_side_init(sio_side *side, sio_env *env, const sio_http_service *service,
                   const sio_side_bounds *bounds, uint64_t *n_refused);

/* Listen on one more address, as a setting says it. SIO_OK, or SIO_ERR_SYS with one line. */
int sio_side_listen(sio_side *side, sio_view address, sio_buf *error);

/* Append where a listener is, for whoever is to come: "http://127.0.0.1:9180/", "unix:/path". */
void sio_side_add_url(const sio_side_listener *l, sio_view address, sio_buf *out);

/* Accept nothing more. Connections go on, for one more request each. Safe on a zeroed one. */
void sio_side_close(sio_side *side);

/* Which listener a request came by; it is one of a side. */
const sio_side_listener *sio_side_listener_of(const sio_exchange *x);

#endif
