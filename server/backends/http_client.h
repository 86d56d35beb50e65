/*
 * server/backends/http_client.h - requests to backends, many at once, on the loop.
 *
 * HTTP/1.1 over TCP, TLS or a unix socket, on connections that are kept. It does not follow
 * redirects, knows no proxy, and has no queue: when as many calls as allowed are under way there is
 * no further one (event_queue.h decides which is next). What came to nothing on a kept connection
 * that turns out to be dead is sent again at once, on a new one, unless it must be sent once.
 *
 * The URL decides who makes a call: plain_client.h, or libcurl (curl_client.h) for https://.
 */
#ifndef SIO_BACKENDS_HTTP_CLIENT_H
#define SIO_BACKENDS_HTTP_CLIENT_H

#include "protocol/buf.h"
#include "server/backends/http_call.h"

typedef struct sio_http_client sio_http_client;

/*
 * SIO_OK; SIO_ERR_CONFIG: there are https:// URLs, and no libcurl, or a file of the
 * options is no good; SIO_ERR_NOMEM. With one line in error.
 */
int sio_http_client_new(sio_http_client **out, const sio_http_loop *loop,
                        const sio_http_client_options *options, sio_buf *error);

/* Calls under way are forgotten: nobody is told. NULL is allowed. Not from an answer. */
void sio_http_client_free(sio_http_client *c);

/*
 * Make a call; fn is told of its end once, at the end of a turn of the loop, never in this call.
 * NULL: no room, or no memory.
 */
sio_http_call *sio_http_client_post(sio_http_client *c, const sio_http_post *post,
                                    sio_http_answer_fn fn, void *arg);

/* End a call before it has; fn is not told. Its connection is closed. */
void sio_http_client_cancel(sio_http_call *call);

#endif
