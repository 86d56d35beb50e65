/*
 * server/backends/plain_client.h - calls over TCP and unix sockets, without TLS.
 *
 * Part of http_client.c. One send() and one recv() for a call on a kept connection, which is what a
 * webhook to a backend on the same machine or network costs. There are at most "max_calls"
 * connections, whoever they lead to.
 */
#ifndef SIO_BACKENDS_PLAIN_CLIENT_H
#define SIO_BACKENDS_PLAIN_CLIENT_H

#include "server/backends/http_call.h"

typedef struct sio_plain_client sio_plain_client;

/* NULL: no memory. */
sio_plain_client *sio_plain_client_new(const sio_http_loop           *loop,
                                       const sio_http_client_options *options);

/* As sio_http_client_free() and sio_http_client_post(); url: that of the post. */
void           sio_plain_client_free(sio_plain_client *c);
sio_http_call *sio_plain_client_post(sio_plain_client *c, const sio_endpoint_url *url,
                                     const sio_http_post *post, sio_http_answer_fn fn, void *arg);

#endif
