/*
 * store/bus_store.h - what the files of the bus share: its struct, and who is on it.
 */
#ifndef SIO_STORE_BUS_STORE_H
#define SIO_STORE_BUS_STORE_H

#include "store/bus.h"
#include "store/bus_estate.h"
#include "store/bus_peer.h"
#include "store/memory.h"

typedef struct {
    sio_memory_store   memory; /* first: what is this process's own */
    sio_store_ops      ops;    /* those of memory.c, but for some */
    struct event_base *base;
    unsigned           number;
    size_t             max_publish_bytes;
    char               tag[SIO_STORE_TAG_LEN];
    bool               listens; /* the tag is one, and the ears are set */
    sio_store_ears     ears;
    sio_link           peers;        /* sio_bus_peer */
    sio_bus_peer      *heir;         /* who has been told what is to be left; NULL: nobody */
    sio_bus_estates    estates;      /* of others, whose heir this one is */
    struct event      *news;         /* in the next turn: the two below */
    bool               is_to_be_up;  /* the ears have not been told so */
    bool               is_forgotten; /* the heir is another */
    struct event      *deadline;     /* of questions */
    sio_link           waits;        /* of bus_instances.c: for the sockets, or the next turn */
    struct event      *wait_event;
} sio_bus_store;

static inline sio_bus_store *
sio_bus_store_of(sio_store *self)
{
    return (sio_bus_store *)(void *)self;
}

static inline sio_bus_peer *
sio_bus_store_peer_at(sio_link *l)
{
    return SIO_CONTAINER(l, sio_bus_peer, in_peers);
}

/* The living one that is called so; NULL: there is none. */
sio_bus_peer *sio_bus_store_find(const sio_bus_store *b, sio_view tag);

/* Who decides what is done once; NULL: this process. */
sio_bus_peer *sio_bus_store_decider(const sio_bus_store *b);

/* Who comes after this one, in a circle; NULL: it is alone. */
sio_bus_peer *sio_bus_store_next(const sio_bus_store *b);

/* A question was asked: see to it that it is answered in time. */
void sio_bus_store_await(sio_bus_store *b);

/* The deadline has come. */
void sio_bus_store_expire(sio_bus_store *b);

#endif
