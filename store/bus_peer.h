/*
 * store/bus_peer.h - another process on the bus: its socket, and what it was asked.
 *
 * Called by store/bus.c. Both ends answer in the order of the questions, so these need no number.
 */
#ifndef SIO_STORE_BUS_PEER_H
#define SIO_STORE_BUS_PEER_H

#include "store/bus_link.h"
#include "store/instances.h"

#include <stdint.h>

/* What the frames mean. All numbers are in the order of the host. */
typedef enum {
    SIO_BUS_HELLO = 'h',   /* tag: so I am called from now on */
    SIO_BUS_WELCOME = 'w', /* I know */
    SIO_BUS_CAST = 'c',    /* a message to all */
    SIO_BUS_TO = 't',      /* tag, message: to the instance that is called so */

    /* Of the sender, to its heir; each begins with the tag. */
    SIO_BUS_ADD_SESSION = 's',
    SIO_BUS_DROP_SESSION = 'S',
    SIO_BUS_DROP_SESSIONS = 'x',
    SIO_BUS_ADD_WILL = 'l',
    SIO_BUS_DROP_WILL = 'L',
    SIO_BUS_DROP_WILLS = 'X',

    /* To the process with the lowest number: what is done once. */
    SIO_BUS_ONCE_PUT = 'p', /* sio_bus_once, key, value */
    SIO_BUS_ONCE_DROP = 'd',

    /* Questions. */
    SIO_BUS_TAKE = 'k',  /* id: the handshake; answered SIO_OK or SIO_ERR_NOT_FOUND */
    SIO_BUS_COPY = 'y',  /* id: data of the client, see bus_copy.h; likewise */
    SIO_BUS_CLAIM = 'o', /* sio_bus_once, key, value; as of sio_store_once_cb */

    SIO_BUS_ANSWER = 'a' /* a result (int32_t), data */
} sio_bus_kind;

typedef struct {
    uint64_t ttl_ms;
    uint32_t key_len;
} sio_bus_once;

typedef struct sio_bus_peer {
    sio_bus_link link;      /* to it */
    sio_link     in_peers;  /* of the store */
    sio_link     questions; /* that it has not answered, oldest first */
    void        *store;     /* whose it is */
    unsigned     number;
    char         tag[SIO_STORE_TAG_LEN]; /* once it is known */
    bool         is_known;
    bool         is_welcome; /* it knows us */
} sio_bus_peer;

typedef struct sio_bus_question sio_bus_question;

/* A part of what somebody waits for. */
struct sio_bus_question {
    sio_link link; /* private */
    uint64_t due_ms;
    bool     is_over; /* answered, too late, or not wanted any more */
    /*
     * Called once, unless it is given up. SIO_ERR_UNAVAILABLE: the peer has ended, or did not
     * answer in time. data is valid during the call.
     */
    void (*answered)(sio_bus_question *q, int rc, sio_view data);
    void (*free)(sio_bus_question *q); /* later: it may be looked at no more */
};

/* Ask; q is the peer's from now on. It is answered later, never in the call. */
void sio_bus_peer_ask(sio_bus_peer *p, sio_bus_question *q, char kind, const sio_view *parts,
                      size_t n_parts);

/* Nobody waits for it. */
void sio_bus_question_give_up(sio_bus_question *q);

/* An answer has come. False: nothing was asked, or it is none. */
bool sio_bus_peer_hear_answer(sio_bus_peer *p, sio_view body);

/* Those whose time is over are answered. When the next one is due; UINT64_MAX: none. */
uint64_t sio_bus_peer_expire(sio_bus_peer *p, uint64_t now_ms);

/* It has ended: all are answered, and freed. */
void sio_bus_peer_fail_all(sio_bus_peer *p);

/* The store ends: they are freed, and nobody is told. */
void sio_bus_peer_forget_all(sio_bus_peer *p);

#endif
