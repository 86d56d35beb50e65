/*
 * server/backends/http_call.h - a request to a backend, and what comes of it.
 *
 * What http_client.h is asked for, and what the two clients behind it share: plain_client.h, which
 * is ours, and curl_client.h, for TLS.
 */
#ifndef SIO_BACKENDS_HTTP_CALL_H
#define SIO_BACKENDS_HTTP_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "protocol/endpoint_url.h"
#include "protocol/view.h"
#include "server/base/deferred.h"
#include "server/base/timer_wheel.h"

enum {
    SIO_HTTP_CALL_MAX_HEADERS = 48,         /* of a request */
    SIO_HTTP_CALL_MAX_HEADER_BYTES = 65536, /* of an answer */
    SIO_HTTP_CALL_MAX_IDLE_S = 55           /* of a connection; below the usual 60 s of servers */
};

typedef struct sio_http_call sio_http_call;

/* Part of each call under way, and its first member. */
struct sio_http_call {
    void (*cancel)(sio_http_call *call); /* as sio_http_client_cancel() */
};

/* What a client lives on. It outlives the client. */
typedef struct {
    struct event_base *base;
    sio_deferred      *deferred;
    sio_timer_wheel   *timers;
} sio_http_loop;

/* Texts are borrowed until the client is made. */
typedef struct {
    unsigned    max_calls;          /* at once, and as many connections are kept */
    unsigned    connect_timeout_ms; /* TCP and TLS */
    unsigned    timeout_ms;         /* the whole call */
    size_t      max_answer_bytes;   /* of its body */
    bool        is_sent_once; /* never on a kept connection: when one turns out to be dead, nobody
                                 knows what was read, and it is sent again at once */
    bool        keeps_head;   /* answers are told with it */
    bool        may_use_tls;  /* there are https:// URLs; without, libcurl is not needed */
    bool        trusts_all;   /* do not ask who a TLS server is */
    const char *ca_file;      /* NULL or "": the system's */
    const char *certificate;  /* of ours, with its key; NULL or "": none */
    const char *key;
} sio_http_client_options;

/* All is borrowed until the call has ended. */
typedef struct {
    const char        *url;     /* as of protocol/endpoint_url.h */
    const char *const *headers; /* "Name: value", which the caller has checked */
    size_t             n_headers;
    sio_view           body;
    const char        *method; /* a token; NULL: "POST". "GET" and "HEAD" have no body */
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
    unsigned         retry_after_s; /* what the answer says, also by a date; 0: nothing */
    sio_view         head; /* status line and headers, each with its CRLF, if they are kept */
    sio_view         body;
    const char      *why; /* one line for the log, when it was not answered */
} sio_http_answer;

/* Has a call of this method no body? */
static inline bool
sio_http_call_is_bodiless(const char *method)
{
    return method != NULL && (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0);
}

/* The answer is valid during the call. It may send and cancel calls. */
typedef void (*sio_http_answer_fn)(void *arg, const sio_http_answer *answer);

#endif
