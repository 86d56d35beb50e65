/*
 * server/master.h - one program, several processes ("workers"): the one that keeps the others.
 *
 * The master opens the listening sockets and forks a worker for each share of them. It has no
 * clients: it waits for signals and for the end of workers, and answers the admin listener. Its
 * struct sio_server holds the settings, the log, the service manager and sums of what the workers
 * have counted; sio_listen() is never called for it.
 *
 *     master ── worker_wire.h ──> worker 0 ── store/bus.h ── worker 1 ...
 *
 * A worker is a server like any other, on a loop of its own, with the settings of the master; the
 * others are to it as instances of a cluster are (store/bus.h, or Redis if that is set). When one
 * ends its place is filled at once; one that ends again soon is waited for, longer each time.
 *
 * A program in JavaScript says where it listens when it runs, so its workers are late: each asks
 * the master for the sockets (worker_ask.h), which opens them then. The first worker begins alone,
 * and the others when it listens: a program that fails at its start does so once.
 *
 * C programs call sio_fork_workers() of siobroker.h; main.c calls what is below for scripts.
 */
#ifndef SIO_SERVER_MASTER_H
#define SIO_SERVER_MASTER_H

#include "server/siobroker.h"

typedef struct sio_master sio_master;

/* As sio_fork_workers(), with late workers. */
int sio_master_fork_late(sio_server **io);

/* Which worker the server is, from 0 on; -1: it is none. */
int sio_master_worker_number(const sio_server *io);

#endif
