/*
 * server/http/request_body.h - the body of a request on its way: its bytes, its pace, and the
 * account of its client.
 *
 * Part of http_conn.c.
 */
#ifndef SIO_HTTP_REQUEST_BODY_H
#define SIO_HTTP_REQUEST_BODY_H

#include "protocol/buf.h"
#include "protocol/http_chunked.h"
#include "server/base/budget.h"
#include "server/base/pace.h"
#include "server/http/service.h"

typedef struct {
    sio_exchange    *x;       /* its request */
    sio_buf          bytes;   /* decoded so far, when it comes in chunks */
    sio_http_chunked chunked; /* its decoder */
    sio_pace         pace;    /* while it is coming */
    sio_charge       charge;  /* on the account of its client, until it is answered */
    sio_charge       partial; /* what has come of it, likewise, in http->bodies, while it comes */
    bool             is_coming;
} sio_request_body;

/* None yet. x is where it will stay. */
void sio_request_body_init(sio_request_body *b, sio_exchange *x);
void sio_request_body_fini(sio_request_body *b);

/* It costs its client so many bytes from now on. The connection fails if that can not be. */
void sio_request_body_charge(sio_request_body *b, const sio_http_request *head, size_t n_bytes);

/* The head is here and the body is not: charge it, watch its pace, and tell the route. */
void sio_request_body_begin(sio_request_body *b, const sio_http_request *head);

/*
 * So much of it is here. The address that holds most loses one when that is too much of all ("max
 * body bytes"): its connection fails, which may be this one.
 */
void sio_request_body_weigh(sio_request_body *b, size_t n_bytes);

/* Whoever was told that it is on its way learns that it is here, or lost. */
void sio_request_body_end(sio_request_body *b, bool is_lost);

/* The ms that are left for the next bytes of it; 0: it is too late. */
unsigned sio_request_body_left_ms(const sio_request_body *b);

#endif
