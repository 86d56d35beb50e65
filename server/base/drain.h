/*
 * server/base/drain.h - what a server that stops still waits for.
 *
 * Whatever has to be finished first holds the drain: a connection, a command that Redis has not
 * confirmed. When the server stops, it asks to be told as soon as nobody does any more.
 */
#ifndef SIO_BASE_DRAIN_H
#define SIO_BASE_DRAIN_H

#include <stddef.h>

typedef struct {
    size_t n_holds;
    void (*done)(void *arg); /* NULL: nobody waits */
    void *arg;
} sio_drain;

/* Each hold is released once. */
void sio_drain_hold(sio_drain *d);

/* The last one calls done, which may be called again if somebody holds the drain after that. */
void sio_drain_release(sio_drain *d);

/* Call done when nobody holds the drain: now, if that is so already. */
void sio_drain_await(sio_drain *d, void (*done)(void *arg), void *arg);

#endif
