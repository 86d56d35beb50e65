/*
 * server/birth.h - what a new worker gets: sockets, settings, signals.
 *
 * Called by master.c, before and after it forks.
 */
#ifndef SIO_SERVER_BIRTH_H
#define SIO_SERVER_BIRTH_H

#include <stdbool.h>
#include <sys/types.h>

#include "server/places.h"
#include "server/worker.h"

/* Each socket pair has a side of those who are there, and one of the new worker. */
typedef enum { SIO_BIRTH_OLD = 0, SIO_BIRTH_NEW = 1 } sio_birth_side;

typedef struct {
    int      control[2]; /* to the master */
    unsigned n_peers;
    struct {
        unsigned number;
        int      fds[2];
    } peers[SIO_WORKERS_MAX];
} sio_birth;

/*
 * Sockets to the master, and to each of the n workers that lives. SIO_OK, or SIO_ERR_SYS with errno
 * set.
 */
int sio_birth_prepare(sio_birth *b, const bool lives[], unsigned n);

void sio_birth_close(const sio_birth *b, sio_birth_side side);

/* In the new process: s is worker `number` of n, and has its side of the sockets. */
void sio_birth_give(const sio_birth *b, sio_server *s, const sio_places *places, unsigned number,
                    unsigned n, pid_t master);

/* The settings of two servers that do not listen, and where they came from. */
void sio_birth_exchange_settings(sio_server *a, sio_server *b);

/* Signals are for the master. One that comes before a worker catches SIGTERM may end it. */
void sio_birth_leave_signals(void);

#endif
