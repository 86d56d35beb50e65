/*
 * store/bus_shared.h - what one process of the bus has and another may want: handshakes, data of
 * clients, and who does what is done once.
 */
#ifndef SIO_STORE_BUS_SHARED_H
#define SIO_STORE_BUS_SHARED_H

#include "store/bus_store.h"
#include "store/once.h"

/* Operations of the store. */
sio_store_req *sio_bus_shared_handshake_take(sio_store *self, sio_view id, sio_store_take_cb cb,
                                             void *arg);
sio_store_req *sio_bus_shared_client_inherit(sio_store *self, sio_view id, sio_view from,
                                             sio_store_done_cb cb, void *arg);
extern const struct sio_store_once_ops sio_bus_shared_once_ops;

/* What a peer wants. False: it is none that can be. */
bool sio_bus_shared_serve(sio_bus_store *b, sio_bus_peer *p, char kind, sio_view body);

#endif
