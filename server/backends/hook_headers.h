/*
 * server/backends/hook_headers.h - the headers of a request to a backend. Rule: Standard Webhooks.
 */
#ifndef SIO_BACKENDS_HOOK_HEADERS_H
#define SIO_BACKENDS_HOOK_HEADERS_H

#include "server/backends/event_queue.h"
#include "server/backends/http_call.h"
#include "server/backends/sign.h"
#include "server/base/env.h"
#include "server/config/config.h"

typedef struct {
    sio_buf     text; /* each with its NUL */
    size_t      n;
    const char *list[SIO_HTTP_CALL_MAX_HEADERS];
} sio_hook_headers;

/*
 * Those of this attempt to send the batch, whose id and body are made. handshake: of the client
 * that all its events are of, for the headers to be passed on; NULL: none are. False: no memory. *h
 * is to be given to sio_hook_headers_fini() in any case.
 */
bool sio_hook_headers_make(sio_hook_headers *h, const sio_env *env, const sio_cfg_backend *cfg,
                           sio_sign *sign, const sio_event_batch *batch, const char *handshake);

void sio_hook_headers_fini(sio_hook_headers *h);

#endif
