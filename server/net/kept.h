/*
 * server/net/kept.h - listening sockets that another process has opened for this one, and keeps
 * open: what waits in their queues is still there when this process has ended.
 *
 * Filled in by server/master_sockets.c; listener.c takes from here what it would open otherwise.
 */
#ifndef SIO_NET_KEPT_H
#define SIO_NET_KEPT_H

#include <stdbool.h>

#include "protocol/listen_address.h"

enum { SIO_KEPT_MAX = 40, SIO_KEPT_MAX_SOCKETS = 8 };

/* Those of one address, as it was asked for. */
typedef struct {
    bool     is_unix;
    unsigned port;
    char     host[SIO_LISTEN_HOST_MAX + 1];
    unsigned n;
    int      fds[SIO_KEPT_MAX_SOCKETS];
} sio_kept_place;

/* Zeroed: there are none. */
typedef struct {
    unsigned       n;
    sio_kept_place items[SIO_KEPT_MAX];
} sio_kept;

/* A new place without sockets; NULL: there are too many. */
sio_kept_place *sio_kept_add(sio_kept *k, const sio_listen_address *at);

/* Those of an address that have not been taken, to be looked at; NULL: there are none. */
const sio_kept_place *sio_kept_find(const sio_kept *k, const sio_listen_address *at);

/*
 * Take the sockets of an address, which are the caller's then. False: there are none, or they were
 * taken before.
 */
bool sio_kept_take(sio_kept *k, const sio_listen_address *at, sio_kept_place *out);

/* Close what was not taken. */
void sio_kept_close(sio_kept *k);

#endif
