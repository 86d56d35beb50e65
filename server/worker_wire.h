/*
 * server/worker_wire.h - what a master and its workers say to each other, on a SOCK_SEQPACKET
 * socket for each worker: a word, a number, some bytes, and maybe a descriptor. A program and its
 * successor do so, too.
 *
 * Called by the files of master and workers, successor.c and inheritance.c. Both ends are on one
 * host, so numbers are as that has them. Messages come whole and in order; the end of either
 * process is the end of the socket.
 */
#ifndef SIO_SERVER_WORKER_WIRE_H
#define SIO_SERVER_WORKER_WIRE_H

#include <stdint.h>

#include "protocol/view.h"

enum { SIO_WORKER_WIRE_MAX = 32 * 1024 }; /* bytes of a message */

typedef enum {
    /* To a worker. */
    SIO_WORKER_PEER = 1,  /* there is a worker of that number, at the end of the descriptor */
    SIO_WORKER_STOP,      /* as so many calls of sio_stop() */
    SIO_WORKER_RELOAD,    /* the settings have changed */
    SIO_WORKER_ASK,       /* for its figures */
    SIO_WORKER_DRAIN,     /* as sio_drain() */
    SIO_WORKER_UNDRAIN,   /* as sio_undrain() */
    SIO_WORKER_LOG,       /* another log level: the lowest byte; for seconds: the bytes above */
    SIO_WORKER_HAND_OVER, /* a new program listens: as sio_drain_hand_over() */

    /* From a worker. */
    SIO_WORKER_READY,   /* it serves; the number: of connections that it has room for; the bytes:
                          where it listens */
    SIO_WORKER_CLOSED,  /* it accepts no connections any more */
    SIO_WORKER_FIGURES, /* a sio_worker_figures */
    SIO_WORKER_OPEN,    /* it asks for a place to listen (worker_ask.h), and hears the answer at the
                           other end of the descriptor: */

    SIO_WORKER_SOCKET,  /* the descriptor, one of that place; after the last one comes the end */
    SIO_WORKER_REFUSED, /* the bytes: why not */

    /* A successor asks, and is answered. These numbers stay: the two may be of different versions,
       and one that does not know a word, or gets no answer, gives up. */
    SIO_SUCCESSOR_WANT = 100, /* the listening socket of that number, from 0 on */
    SIO_SUCCESSOR_SOCKET,     /* the descriptor; the bytes: its address, as the settings have it, or
                                 none for one more of the same; the number: 0, or of which worker,
                                 from 1 on */
    SIO_SUCCESSOR_NO_MORE,    /* there are only so many */
    SIO_SUCCESSOR_READY       /* it serves. Its predecessor closes the socket then, and drains */
} sio_worker_word;

typedef struct {
    sio_worker_word word;
    uint32_t        number;
    sio_view        bytes; /* valid until the next message is received into the same buffer */
    int             fd;    /* -1: none; otherwise the receiver's */
} sio_worker_message;

/* Does not wait. SIO_OK; SIO_ERR_FULL: it is not read; SIO_ERR_SYS: the other one has ended. */
int sio_worker_wire_send(int socket, const sio_worker_message *m);

/* SIO_OK, SIO_PARTIAL: nothing is there; SIO_ERR_SYS: the other one has ended, or said nonsense. */
int sio_worker_wire_receive(int socket, char buf[SIO_WORKER_WIRE_MAX], sio_worker_message *m);

#endif
