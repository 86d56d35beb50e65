/*
 * server/backends/api_request.h - the commands of one request to the HTTP API, and its answer.
 *
 * api_steps.h has the order of the commands. If the client goes away, what it has asked for is done
 * nevertheless.
 */
#ifndef SIO_BACKENDS_API_REQUEST_H
#define SIO_BACKENDS_API_REQUEST_H

#include "server/backends/backends.h"
#include "server/http/exchange.h"

/*
 * Answer r, now or later. kind: the command that is its body; SIO_N_BACKEND_COMMANDS: a batch. key:
 * NULL where none is needed.
 */
void sio_api_request_begin(sio_backends *b, sio_exchange *x, const sio_request *r,
                           sio_backend_command_kind kind, const sio_cfg_api_key *key);

/*
 * The store is about to go: what is under way there is forgotten, and, as b->is_closed, nothing
 * more is begun.
 */
void sio_api_request_stop_all(sio_backends *b);

/* The server ends: forget all; nobody is answered. */
void sio_api_request_free_all(sio_backends *b);

#endif
