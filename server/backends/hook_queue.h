/*
 * server/backends/hook_queue.h - events of sockets go to the queues of their backends.
 */
#ifndef SIO_BACKENDS_HOOK_QUEUE_H
#define SIO_BACKENDS_HOOK_QUEUE_H

#include "server/backends/hook_registry.h"

/* SIO_OK; or there is no room, which is counted, and the event is the caller's. */
int sio_hook_queue_add(sio_hooks *h, sio_hook_event *e, size_t backend);

/* One that is in no queue any more: free it, and its socket if that has nothing else. */
void sio_hook_queue_forget(sio_hook_event *e);

/* The last one of a socket, for which there is always room. e NULL: no memory, which is said. */
void sio_hook_queue_disconnect(sio_hooks *h, sio_hook_socket *s, sio_hook_event *e, size_t decider);

#endif
