/*
 * server/backends/hook_settle.h - what becomes of an event when its backend has answered, or has
 * not.
 */
#ifndef SIO_BACKENDS_HOOK_SETTLE_H
#define SIO_BACKENDS_HOOK_SETTLE_H

#include "protocol/backend_answer.h"
#include "server/backends/hook_registry.h"

/* Do what an answer says about a socket; token: of the acknowledgement it waits for, or "". */
void sio_hook_settle_apply(sio_hooks *h, sio_hook_socket *s, const char *token,
                           const sio_backend_answer *a);

/* Of what a client has emitted, and of a connect that is a notice. The event stays. */
void sio_hook_settle_event(sio_hooks *h, sio_hook_event *e, const sio_hook_result *result);

/* Of a disconnect, whose answer can only command. The event stays. */
void sio_hook_settle_disconnect(sio_hooks *h, sio_hook_event *e, const sio_hook_result *result);

#endif
