/*
 * server/post.h - work from other threads: sio_post() of siobroker.h.
 *
 * The only part of a server that other threads may touch, under its lock. An eventfd wakes the
 * loop; it is watched while the server has begun, so that a loop on which nothing has begun ends by
 * itself.
 */
#ifndef SIO_SERVER_POST_H
#define SIO_SERVER_POST_H

#include <pthread.h>

#include "server/siobroker.h"

typedef struct sio_posted sio_posted;

typedef struct {
    pthread_mutex_t lock;
    bool            has_lock;
    int             wakeup; /* an eventfd; -1: none */
    struct event   *event;  /* NULL: it is not watched */
    sio_posted     *first, *last;
    size_t          n;
} sio_posts;

/* 0, or -1; then sio_post_fini() is still allowed. */
int sio_post_init(sio_server *io);

/* Watch: 0 or -1. Not any more. */
int  sio_post_begin(sio_server *io);
void sio_post_end(sio_server *io);

/* Do what waits, and what is posted meanwhile by that. */
void sio_post_finish(sio_server *io);

void sio_post_fini(sio_server *io);

#endif
