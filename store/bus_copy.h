/*
 * store/bus_copy.h - the data of a client, as one process gives them to another: for each value
 * two lengths of 4 bytes, the key and the text.
 *
 * Called by store/bus.c. Pure but for the table.
 */
#ifndef SIO_STORE_BUS_COPY_H
#define SIO_STORE_BUS_COPY_H

#include "protocol/buf.h"
#include "store/clients.h"

/* Append all values. Failure is out->failed. */
void sio_bus_copy_encode(const sio_stored_client *c, sio_buf *out);

/*
 * Set them for a client. SIO_OK, SIO_BAD (it is not such a text; some may be set), or as
 * sio_clients_set().
 */
int sio_bus_copy_apply(sio_clients *t, sio_view id, sio_view copy);

#endif
