/*
 * server/backends/http_client.h - requests to backends, many at once, on the loop.
 *
 * HTTP/1.1 over TCP, TLS or a unix socket, on connections that are kept. It does not follow
 * redirects, does not repeat a request, knows no proxy, and has no queue: when as many calls as
 * allowed are under way there is no further one (event_queue.h decides which is next). Made of
 * libcurl's multi-socket interface; nothing of that is seen here, so that something else may take
 * its place.
 */
#ifndef SIO_BACKENDS_HTTP_CLIENT_H
#define SIO_BACKENDS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/base/deferred.h"
#include "server/base/timer_wheel.h"

enum {
    SIO_HTTP_CLIENT_MAX_HEADERS = 48,         /* of a request */
    SIO_HTTP_CLIENT_MAX_HEADER_BYTES = 65536, /* of an answer */
    SIO_HTTP_CLIENT_MAX_IDLE_S = 55           /* below the usual 60 s of servers */
};

typedef struct sio_http_client sio_http_client;
typedef struct sio_http_call   sio_http_call; /* one under way */

/* Texts are borrowed as long as the client. */
typedef struct {
    unsigned    max_calls;          /* at once, and as many connections are kept */
    unsigned    connect_timeout_ms; /* TCP and TLS */
    unsigned    timeout_ms;         /* the whole call */
    size_t      max_answer_bytes;   /* of its body */
    bool        is_sent_once; /* never on a kept connection: when one turns out to be dead, nobody
                                 knows what was read, and libcurl sends it again by itself */
    bool        trusts_all;   /* do not ask who a TLS server is */
    const char *ca_file;      /* NULL: the system's */
    const char *certificate;  /* of ours, with its key; NULL: none */
    const char *key;
} sio_http_client_options;

/* All is borrowed until the call has ended. */
typedef struct {
    const char        *url;     /* as of protocol/endpoint_url.h */
    const char *const *headers; /* "Name: value", which the caller has checked */
    size_t             n_headers;
    sio_view           body;
    bool               is_get; /* it is no POST, and has no body */
} sio_http_post;

typedef enum {
    SIO_HTTP_ANSWERED,
    SIO_HTTP_UNSENT,   /* no connection, or no TLS: surely nobody has read it */
    SIO_HTTP_LOST,     /* somebody may have read it, but there is no whole answer in time */
    SIO_HTTP_TOO_LARGE /* the answer; its body is not there */
} sio_http_outcome;

typedef struct {
    sio_http_outcome outcome;
    unsigned         status;        /* unless unsent or lost */
    unsigned         retry_after_s; /* what the answer says; 0: nothing */
    sio_view         body;
    const char      *why; /* one line for the log, when it was not answered */
} sio_http_answer;

/* The answer is valid during the call. It may send and cancel calls. */
typedef void (*sio_http_answer_fn)(void *arg, const sio_http_answer *answer);

/*
 * base, deferred and timers outlive the client. SIO_OK; SIO_ERR_CONFIG: there is no libcurl;
 * SIO_ERR_NOMEM. With one line in error.
 */
int sio_http_client_new(sio_http_client **out, struct event_base *base, sio_deferred *deferred,
                        sio_timer_wheel *timers, const sio_http_client_options *options,
                        sio_buf *error);

/* Calls under way are forgotten: nobody is told. NULL is allowed. Not from an answer. */
void sio_http_client_free(sio_http_client *c);

/* May a call be made? */
bool sio_http_client_has_room(const sio_http_client *c);

/*
 * Make a call; fn is told of its end once, at the end of a turn of the loop, never in this call.
 * NULL: no room, or no memory.
 */
sio_http_call *sio_http_client_post(sio_http_client *c, const sio_http_post *post,
                                    sio_http_answer_fn fn, void *arg);

/* End a call before it has; fn is not told. Its connection is closed. */
void sio_http_client_cancel(sio_http_call *call);

#endif
