/*
 * server/backends/curl_client.h - calls to https:// URLs, made by libcurl's multi-socket interface.
 *
 * Part of http_client.c. TLS, its files and its names are libcurl's business; the queue is not.
 */
#ifndef SIO_BACKENDS_CURL_CLIENT_H
#define SIO_BACKENDS_CURL_CLIENT_H

#include "protocol/buf.h"
#include "server/backends/http_call.h"

typedef struct sio_curl_client sio_curl_client;

/* As sio_http_client_new(), sio_http_client_free() and sio_http_client_post(). */
int            sio_curl_client_new(sio_curl_client **out, const sio_http_loop *loop,
                                   const sio_http_client_options *options, sio_buf *error);
void           sio_curl_client_free(sio_curl_client *c);
sio_http_call *sio_curl_client_post(sio_curl_client *c, const sio_http_post *post,
                                    sio_http_answer_fn fn, void *arg);

#endif
