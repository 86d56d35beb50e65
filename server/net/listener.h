/*
 * server/net/listener.h - listening sockets: IPv6 and IPv4, and what to say when it fails.
 *
 * A turn of the loop accepts so many at each listener, and leaves the others to the next one: those
 * that are connected come first.
 *
 * Not left to libwebsockets, whose own listener spins at full speed while the process is out of
 * descriptors and can not answer a connection that is one too many.
 */
#ifndef SIO_NET_LISTENER_H
#define SIO_NET_LISTENER_H

#include <event2/listener.h>
#include <stdbool.h>

#include "protocol/buf.h"
#include "protocol/listen_address.h"
#include "server/base/deferred.h"
#include "server/base/timer_wheel.h"
#include "server/net/address.h"
#include "server/net/kept.h"
#include "server/net/unix_socket.h"

typedef struct sio_env sio_env;

typedef struct sio_listener sio_listener;

/* A connection came; fd is the callee's now. */
typedef void (*sio_accepted_fn)(sio_listener *l, int fd, const sio_address *peer);

enum { SIO_LISTENER_MAX_SOCKETS = 8, SIO_LISTENER_ACCEPTS_OF_A_TURN = 64 };

struct sio_listener {
    sio_env               *env;
    sio_accepted_fn        accepted;
    struct evconnlistener *sockets[SIO_LISTENER_MAX_SOCKETS];
    unsigned               n_sockets;
    unsigned               port; /* the real one, after binding to 0; a path has none */
    sio_timer              rest_timer;
    bool                   is_paused;
    bool                   rests;
    unsigned               n_accepted; /* in this turn of the loop */
    sio_task               turn_over;
    bool                   has_name;    /* else the service manager has opened it */
    sio_kept_name          name;        /* where it was asked to listen */
    sio_unix_socket        unix_socket; /* a zeroed one: it is none, or its file is not ours */
};

/*
 * Listen there: on every address of a host name, or on all, IPv6 and IPv4, when it is empty; or on
 * sockets that are kept for it (kept.h). Port 0 is one that is free at each of them. The socket of a
 * path has the mode 0660, and replaces one of a dead process. Returns SIO_OK, or SIO_ERR_SYS with one line in error that names address and port.
 */
int sio_listener_open_at(sio_listener *l, sio_env *env, const sio_listen_address *at,
                         sio_accepted_fn accepted, sio_buf *error);

/*
 * Duplicate its sockets, which stay open when it is closed. Returns how many those are;
 * SIO_LISTENER_MAX_SOCKETS at most.
 */
unsigned sio_listener_duplicate(const sio_listener *l, int fds[]);

/*
 * The same, as a new place of k: for a process that takes them over. Nothing is added where the
 * service manager has opened it, or where it listens no more. False: not all have found room.
 */
bool sio_listener_keep(const sio_listener *l, sio_kept *k);

/* The file of its unix socket, if it is one, is its own, to be removed at the end; or not. */
void sio_listener_own_file(sio_listener *l, bool is_own);

/*
 * The same on a socket that listens already: it is the listener's now. SIO_ERR_SYS: it is no such
 * socket, and error names its number.
 */
int sio_listener_adopt(sio_listener *l, sio_env *env, int fd, sio_accepted_fn accepted,
                       sio_buf *error);

/* Where the first of its sockets is bound, as getsockname(2). */
int sio_listener_bound(const sio_listener *l, struct sockaddr_storage *ss, socklen_t *len);

/* Leave connections in the queue of the kernel, or take them; a listener begins by taking them. */
void sio_listener_pause(sio_listener *l, bool paused);

/* The same for so long; it begins to take them again by itself. */
void sio_listener_rest(sio_listener *l, unsigned ms);

/* Accept nothing more. Connections go on. Safe on a zeroed listener. */
void sio_listener_close(sio_listener *l);

#endif
