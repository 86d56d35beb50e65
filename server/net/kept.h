/*
 * server/net/kept.h - listening sockets that another process has opened for this one, and keeps
 * open: what waits in their queues is still there when one of the two has ended.
 *
 * Filled in by server/master_sockets.c and server/inheritance.c; listener.c takes from here what it
 * would open otherwise.
 */
#ifndef SIO_NET_KEPT_H
#define SIO_NET_KEPT_H

#include <stdbool.h>

#include "protocol/listen_address.h"

enum { SIO_KEPT_MAX = 40, SIO_KEPT_MAX_SOCKETS = 8 };

/* An address, as it was asked for: of a name, or with the port 0. */
typedef struct {
    bool     is_unix;
    unsigned port;
    char     host[SIO_LISTEN_HOST_MAX + 1];
} sio_kept_name;

/* The sockets of one address. */
typedef struct {
    sio_kept_name name;
    unsigned      n;
    int           fds[SIO_KEPT_MAX_SOCKETS];
} sio_kept_place;

/* Zeroed: there are none. */
typedef struct {
    unsigned       n;
    sio_kept_place items[SIO_KEPT_MAX];
} sio_kept;

/* A host is SIO_LISTEN_HOST_MAX bytes at most. */
sio_kept_name      sio_kept_name_of(const sio_listen_address *at);
sio_listen_address sio_kept_name_address(const sio_kept_name *name); /* a view of it */

/* A new place without sockets; NULL: there are too many. One address may have several: *:0. */
sio_kept_place *sio_kept_add(sio_kept *k, const sio_listen_address *at);

/* One more socket, which is the place's then. False: it has too many; the socket is closed. */
bool sio_kept_add_socket(sio_kept_place *place, int fd);

/* Those of an address that have not been taken, to be looked at; NULL: there are none. */
const sio_kept_place *sio_kept_find(const sio_kept *k, const sio_listen_address *at);

/*
 * Take the sockets of an address, which are the caller's then: those of its first place that has
 * any. False: there are none, or they were taken before.
 */
bool sio_kept_take(sio_kept *k, const sio_listen_address *at, sio_kept_place *out);

/* Close what was not taken. */
void sio_kept_close(sio_kept *k);

#endif
