/*
 * store/memory.h - the store of a single instance: everything in this process.
 *
 * Nothing is shared with another instance: a take finds what was put here. Every
 * operation calls back before it returns. What is in it is lost with the process.
 */
#ifndef SIO_STORE_MEMORY_H
#define SIO_STORE_MEMORY_H

#include "store/clients.h"
#include "store/handshakes.h"
#include "store/once_table.h"
#include "store/store.h"

#include <event2/event.h>

/*
 * base is borrowed and outlives the store; limits: see store/handshakes.h.
 * Returns SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS.
 */
int sio_memory_store_new(sio_store **out, struct event_base *base,
                         const sio_handshakes_limits *limits);

/* --- For store/bus.c, which is such a store with others around it. --- */

typedef struct {
    sio_store       store; /* first: it is a sio_store, whose operations may be others */
    sio_handshakes *table;
    sio_clients    *clients;
    sio_once_table  once;
    struct event   *timer; /* pending while data of clients wait to expire */
} sio_memory_store;

extern const sio_store_ops sio_memory_store_ops;

/* The same inside another object. Returns as above; _fini() is due in any case. */
int  sio_memory_store_init(sio_memory_store *m, struct event_base *base,
                           const sio_handshakes_limits *limits);
void sio_memory_store_fini(sio_memory_store *m);

#endif
