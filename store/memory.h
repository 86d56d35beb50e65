/*
 * store/memory.h - the store of a single instance: a table in its own memory.
 *
 * Called by the server when no Redis is configured. Every callback is called
 * before its operation returns.
 */
#ifndef SIO_STORE_MEMORY_H
#define SIO_STORE_MEMORY_H

#include "store/handshakes.h"
#include "store/store.h"

#include <event2/event.h>

/*
 * base is borrowed and outlives the store; limits are copied. Returns SIO_OK,
 * SIO_ERR_NOMEM, or SIO_ERR_SYS when the system has no random numbers.
 */
int sio_memory_store_new(sio_store **out, struct event_base *base,
                         const sio_handshakes_limits *limits);

#endif
