/*
 * server/successor.h - SIGUSR2: this program is started anew, from its path and with its arguments,
 * and takes over the listening sockets. inheritance.h is its side of it.
 *
 * Called by signals.c and by master_signals.c. Nothing changes here until the successor serves.
 * Then its predecessor, which is this process, is told so by a callback: it closes what it listens
 * on, and drains. The sockets are the same in both, so what waits in their queues waits for
 * whichever is there. If the successor ends before, or takes too long, all goes on as it was.
 *
 * Server and successor speak the words SIO_SUCCESSOR_* of worker_wire.h.
 */
#ifndef SIO_SERVER_SUCCESSOR_H
#define SIO_SERVER_SUCCESSOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "server/base/timer_wheel.h"
#include "server/net/kept.h"
#include "server/siobroker.h"
#include "server/worker.h"

struct event;

/* The name of the environment variable that tells a successor its end of the socket. */
#define SIO_SUCCESSOR_VARIABLE "SIOBROKER_HANDOVER"

/* Zeroed: there is none. */
typedef struct {
    sio_server     *s;
    bool            is_coming; /* it was started, and does not serve yet */
    pid_t           pid;
    int             wire;
    struct event   *event;
    sio_timer       patience;
    unsigned        n_shares;
    const sio_kept *shares[1 + SIO_WORKERS_MAX]; /* first those of the process itself */
    sio_kept       *own;
    void (*serves)(sio_server *s);
} sio_successor;

/*
 * Start it. It gets the listeners of s, and those in the n shares, which stay where they are; in
 * the end serves is called, or not. What fails, now or later, is one line of the log.
 */
void sio_successor_start(sio_server *s, const sio_kept shares[], unsigned n,
                         void (*serves)(sio_server *s));

/* This process ends, and with it one that does not serve yet. Safe on a zeroed one. */
void sio_successor_end(sio_successor *x);

/* This process is another one now, to which it is nothing. Safe on a zeroed one. */
void sio_successor_forget(sio_successor *x);

#endif
