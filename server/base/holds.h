/*
 * server/base/holds.h - what a server that stops still waits for.
 *
 * Whatever has to be finished first takes a hold: a connection, a command that Redis has not
 * confirmed. When the server stops, it asks to be told as soon as there is none any more.
 */
#ifndef SIO_BASE_HOLDS_H
#define SIO_BASE_HOLDS_H

#include <stddef.h>

typedef struct {
    size_t n_holds;
    void (*done)(void *arg); /* NULL: nobody waits */
    void *arg;
} sio_holds;

/* Each hold is released once. */
void sio_holds_take(sio_holds *h);

/* The last one calls done, which may be called again if somebody takes a hold after that. */
void sio_holds_release(sio_holds *h);

/* Call done when there is no hold: now, if that is so already. */
void sio_holds_await(sio_holds *h, void (*done)(void *arg), void *arg);

#endif
