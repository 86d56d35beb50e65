/*
 * server/backends/hook_connect.h - who may connect: a backend is asked, and clients wait for what
 * it says.
 */
#ifndef SIO_BACKENDS_HOOK_CONNECT_H
#define SIO_BACKENDS_HOOK_CONNECT_H

#include "server/backends/hook_registry.h"

/* For sio_namespace_authorization(), arg being sio_hook_namespace: ask its backend. */
void sio_hook_connect_ask(sio_decision *decision, const char *handshake_json, void *arg);

/* What came of asking. The event goes when there is a verdict; until then its time runs. */
void sio_hook_connect_settle(sio_hooks *h, sio_hook_event *e, const sio_hook_result *result);

/* The server ends: nobody waits for what s asks any more. */
void sio_hook_connect_end(sio_hook_socket *s);

#endif
