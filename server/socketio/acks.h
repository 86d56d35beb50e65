/*
 * server/socketio/acks.h - acknowledgements that the application waits for.
 *
 * Each has a number, which the client sends back. There are at most a thousand for a socket: a
 * client that never answers must not fill the memory.
 *
 * A client that has lost its connection may answer on the next one what it was asked on the last,
 * as its application has the callback still. So no number is used twice: they are counted for the
 * whole server, not for a socket, and begin anywhere, because the next connection may be to another
 * instance, or to this one after a restart. Rule: socket.io 4.8 counts in the namespace, from 0 in
 * each process.
 */
#ifndef SIO_SOCKETIO_ACKS_H
#define SIO_SOCKETIO_ACKS_H

#include "server/base/env.h"
#include "server/base/timer_wheel.h"
#include "server/socketio/namespace.h"

/* Begin to count anywhere. SIO_OK or SIO_ERR_SYS. */
int sio_acks_init(sio_env *env);

/* The next number: 1 to 2^31 - 1, as clients in some languages keep them in 32 bits. */
uint32_t sio_acks_next_id(sio_env *env);

/*
 * Who is told, and when at the latest. fn is called once, with NULL for the arguments when there
 * will be no answer.
 */
typedef struct {
    sio_ack_fn fn;
    void      *arg;
    bool       is_kept; /* whatever else is awaited of the client: it is not given up for that */
    bool       has_timeout;
    unsigned   timeout_ms; /* with has_timeout */
} sio_ack_wish;

/* One acknowledgement of one client. */
typedef struct {
    sio_link     in_socket; /* in socket->acks, oldest first */
    sio_link     in_ask;    /* of ack_group.c, which puts it there */
    sio_socket  *socket;
    uint32_t     id;
    sio_ack_wish wish;
    sio_timer    timer;
} sio_awaited_ack;

/*
 * Await the acknowledgement with that number, of sio_acks_next_id(). NULL: out of memory, or a
 * thousand are awaited that are kept (sio_error() tells). Where it helps, the oldest other one is
 * given up, and told so when the turn of the loop ends.
 */
sio_awaited_ack *sio_acks_await(sio_socket *socket, uint32_t id, const sio_ack_wish *wish);

/* Forget it; nobody is told. */
void sio_acks_free(sio_awaited_ack *ack);

/* Let p ask for an acknowledgement, and await it. 0, or -1 as above. */
int sio_acks_await_of(sio_socket *socket, sio_packet *p, const sio_ack_wish *wish);

/* The client has acknowledged in->ack_id. Nothing happens if that is not awaited. */
void sio_acks_receive(sio_socket *socket, const sio_incoming *in);

/* The client has left: there will be no more. */
void sio_acks_give_up(sio_socket *socket);

#endif
