/*
 * server/worker.h - a server that is one of several processes of a program ("workers"): what it has
 * from its master, and what it does when that says so.
 *
 * Called by startup.c, drain.c, reload.c and signals.c; made by master.c. In a server that is none
 * all of this does nothing.
 *
 * A worker obeys its master. Of signals it hears SIGTERM alone, once: a service manager may send
 * that to all processes at once, and who stops in steps would skip one. When the master ends
 * without a word, it stops.
 */
#ifndef SIO_SERVER_WORKER_H
#define SIO_SERVER_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "server/config/config.h"
#include "server/net/kept.h"
#include "server/siobroker.h"

enum { SIO_WORKERS_MAX = 64, SIO_WORKER_WHERE_MAX = 16 * 1024 };

struct event;

typedef struct {
    bool          is_one;
    unsigned      number;  /* from 0 on */
    unsigned      n;       /* of how many */
    bool          is_late; /* its program says where it listens, and asks for that (worker_ask.h) */
    pid_t         master;
    int           control;       /* socket to it */
    struct event *control_event; /* NULL: it is not heard yet */
    sio_kept      kept;          /* where it listens */
    struct {
        unsigned number;
        int      fd;
    } peers[SIO_WORKERS_MAX]; /* the others that there are when it begins */
    unsigned n_peers;
    unsigned n_stops;   /* steps of stopping that were taken */
    bool     has_share; /* worker_share.h */
} sio_worker;

/* Hear the master, unless that is done already. SIO_OK or SIO_ERR_NOMEM. */
int sio_worker_open(sio_server *s);

/* The number of the worker, and those of the others, for its store, which takes their sockets. */
int sio_worker_add_peers(sio_server *s);

/* SIGTERM has come to this process. */
void sio_worker_terminate(sio_server *s);

/* Close everything. Safe on a zeroed one. */
void sio_worker_close(sio_worker *w);

#endif
