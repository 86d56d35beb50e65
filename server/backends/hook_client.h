/*
 * server/backends/hook_client.h - what clients do goes to the backends; they are held while those
 * are slow.
 */
#ifndef SIO_BACKENDS_HOOK_CLIENT_H
#define SIO_BACKENDS_HOOK_CLIENT_H

#include "server/backends/hook_registry.h"

/* For sio_on_connection(), sio_on_disconnect() and sio_on_any(), arg being sio_hook_namespace. */
void sio_hook_client_connected(sio_socket *socket, void *arg);
void sio_hook_client_disconnected(sio_socket *socket, const char *reason, void *arg);
void sio_hook_client_emitted(sio_socket *socket, const sio_event *event, void *arg);

/* For sio_hook_backend_ops. TCP holds back a client that sends faster than its backend reads. */
void sio_hook_client_hold(void *arg, sio_event_line *line, bool is_full);

#endif
