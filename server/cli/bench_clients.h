/*
 * server/cli/bench_clients.h - many clients in one program: opened one after the other, then heard
 * all at once.
 */
#ifndef SIO_CLI_BENCH_CLIENTS_H
#define SIO_CLI_BENCH_CLIENTS_H

#include "server/cli/socketio_client.h"

typedef struct {
    sio_socketio_client client;
    sio_buf             id;      /* of its socket, a JSON string */
    uint64_t            sent_us; /* when its message left; 0: none is under way */
    bool                has_heard;
} sio_bench_client;

typedef struct {
    const sio_socketio_login *login;
    sio_bench_client         *all;
    unsigned                  n, n_max;
    int                       epoll;
    /* What to do about a packet. SIO_OK; or anything else, which ends it all. */
    int (*take)(void *arg, sio_bench_client *c, const sio5_packet *p);
    void   *arg;
    sio_buf error; /* what has ended it all */
} sio_bench_clients;

/* Room for n_max; login is borrowed. SIO_OK, or c->error says why not. Free it either way. */
int sio_bench_clients_init(sio_bench_clients *c, const sio_socketio_login *login, unsigned n_max);

void sio_bench_clients_fini(sio_bench_clients *c);

/* Open one more, in its namespace. SIO_OK, or c->error says why not. */
int sio_bench_clients_open(sio_bench_clients *c);

/*
 * Wait for packets, at most so long, and take what has come. SIO_OK, or c->error says what has
 * ended it.
 */
int sio_bench_clients_hear(sio_bench_clients *c, unsigned wait_ms);

/* Send a packet of one of them. SIO_OK, or c->error says why not. */
int sio_bench_clients_send(sio_bench_clients *c, sio_bench_client *from, const sio5_packet *p);

/* Put into c->error, unless something is there. Returns rc. */
int sio_bench_clients_fail(sio_bench_clients *c, int rc, const char *why);

#endif
