/*
 * store/bus.h - the store of several processes of one host that one of them, or their parent, has
 * started: a stream socket between each two of them takes the place of Redis.
 *
 * Each process is an instance (store/instances.h) and keeps what is its own, as store/memory.h
 * does:
 *   - a handshake stays where it was made, which its id tells (it begins with the tag of the
 *     instance); whoever wants to take it asks there, and so one process decides;
 *   - data of a client stay where its session is;
 *   - what is done once (store/once.h) is decided by the process with the lowest number;
 *   - sessions and wills of an instance are known to its heir as well, which is the one with the
 *     next number. When the heir ends, the next one is told.
 * Nobody waits longer for an answer than SIO_BUS_PATIENCE_MS. Streams, leases and channels of other
 * programs need a Redis; there are none.
 *
 * Not promised: when a process and its heir end in the same moment, nobody announces the sessions
 * of the first, and its wills are lost.
 */
#ifndef SIO_STORE_BUS_H
#define SIO_STORE_BUS_H

#include "store/handshakes.h"
#include "store/instances.h"
#include "store/store.h"

#include <event2/event.h>

enum { SIO_BUS_PATIENCE_MS = 1000, SIO_BUS_MAX_PUBLISH_BYTES = 64 * 1024 * 1024 };

typedef struct {
    struct event_base    *base;              /* borrowed; outlives the store */
    sio_handshakes_limits limits;            /* of this process */
    unsigned              number;            /* of this process; no other living one has it */
    size_t                max_publish_bytes; /* that wait for one process; 0: the default */
} sio_bus_cfg;

/* A process without others so far. SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS. */
int sio_bus_store_new(sio_store **out, const sio_bus_cfg *cfg);

/*
 * There is another process, at the other end of a stream socket, which is taken in any case. Those
 * that are added before sio_store_listen() are waited for until the store is settled. SIO_OK or
 * SIO_ERR_NOMEM.
 */
int sio_bus_add_peer(sio_store *store, unsigned number, int fd);

#endif
