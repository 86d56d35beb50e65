/*
 * store/bus_instances.h - instances and wills on the bus: hearing and being heard, and what each
 * leaves to its heir.
 */
#ifndef SIO_STORE_BUS_INSTANCES_H
#define SIO_STORE_BUS_INSTANCES_H

#include "store/bus_store.h"
#include "store/wills.h"

extern const struct sio_store_instance_ops sio_bus_instance_ops;
extern const struct sio_store_will_ops     sio_bus_will_ops;

/* A frame of a peer that is about instances. False: it is none that can be. */
bool sio_bus_instances_hear(sio_bus_store *b, sio_bus_peer *p, char kind, sio_view body);

/* A peer is new: say who we are. */
void sio_bus_instances_greet(sio_bus_store *b, sio_bus_peer *p);

/* Who is there has changed: the heir may be another one. */
void sio_bus_instances_choose_heir(sio_bus_store *b);

/* All that are there know this one: the store is settled. */
void sio_bus_instances_settle(sio_bus_store *b);

/* A turn later: tell the ears what there is to be told. */
void sio_bus_instances_tell_news(sio_bus_store *b);

/* What waits, if the sockets have taken all. */
void sio_bus_instances_go_on(sio_bus_store *b);

/* The store ends: nobody waits any more. */
void sio_bus_instances_fini(sio_bus_store *b);

#endif
