/*
 * server/places.h - where the settings say that clients and backends come in, one place after the
 * other. The admin listener is not among them.
 *
 * Called by master_sockets.c and worker_ask.c.
 */
#ifndef SIO_SERVER_PLACES_H
#define SIO_SERVER_PLACES_H

#include "protocol/listen_address.h"
#include "server/siobroker.h"

typedef int (*sio_place_fn)(void *arg, const sio_listen_address *at);

/*
 * Call fn for each; one that fails ends it, and its code is returned. Sockets of the service
 * manager are in place of those for clients: processes inherit them as they are. The settings have
 * been checked.
 */
int sio_places_each(sio_server *s, sio_place_fn fn, void *arg);

#endif
