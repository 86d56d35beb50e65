/*
 * server/master_sockets.h - where workers listen: the master opens all of it, and keeps it open, so
 * that what waits in a queue outlives the worker whose queue it is.
 *
 * Called by the files of the master. Each worker has TCP sockets of its own (SO_REUSEPORT), among
 * which the kernel spreads connections evenly; the socket of a path is one for all. What a
 * predecessor has handed over is used as it is (inheritance.h).
 */
#ifndef SIO_SERVER_MASTER_SOCKETS_H
#define SIO_SERVER_MASTER_SOCKETS_H

#include "protocol/buf.h"
#include "server/net/kept.h"
#include "server/net/unix_socket.h"
#include "server/siobroker.h"
#include "server/worker.h"

typedef struct {
    unsigned        n;                   /* workers; 0: there are none of these */
    sio_kept        of[SIO_WORKERS_MAX]; /* the sockets of each */
    unsigned        n_files;
    sio_unix_socket files[SIO_KEPT_MAX]; /* to be removed at the end */
} sio_master_sockets;

/*
 * Listen for all p->n workers wherever the settings say that clients and backends come in. SIO_OK,
 * or SIO_ERR_SYS or SIO_ERR_CONFIG with one line in s->error. What has been opened is to be closed
 * in any case.
 */
int sio_master_sockets_open(sio_master_sockets *p, sio_server *s);

/*
 * Where workers say themselves where they listen: the sockets of worker i at that address, opened
 * now if it has none. With port 0 all get the same port. NULL: it failed, with one line in
 * s->error.
 */
const sio_kept_place *sio_master_sockets_ask(sio_master_sockets *p, sio_server *s, unsigned i,
                                             const sio_listen_address *at);

/* From now on the files of unix sockets are to be removed at the end, whoever has made them. */
void sio_master_sockets_own_files(sio_master_sockets *p);

/* Duplicate the sockets of worker i, for the process that is about to be it. */
void sio_master_sockets_copy(const sio_master_sockets *p, unsigned i, sio_kept *copy);

/* Worker i does not listen any more, and has no successor. */
void sio_master_sockets_close_one(sio_master_sockets *p, unsigned i);

/* All; and, by the process that has opened them, the files of unix sockets. */
void sio_master_sockets_close(sio_master_sockets *p, bool removes_files);

#endif
