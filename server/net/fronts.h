/*
 * server/net/fronts.h - the listeners that clients come in by: those of the settings, or those that
 * the service manager holds.
 *
 * Called by server/startup.c and server/drain.c. Who comes in there is for sio_net_accept(), or
 * for proxied.c first.
 */
#ifndef SIO_NET_FRONTS_H
#define SIO_NET_FRONTS_H

#include "server/net/listener.h"

enum { SIO_FRONTS_MAX = 16, SIO_FRONT_WHERE_MAX = SIO_LISTEN_HOST_MAX + 24 };

/* What is spoken there. */
typedef struct {
    bool is_proxy; /* each connection begins with a PROXY header: proxied.h */
    bool is_tls;   /* then it speaks TLS: carrier_tls.c */
} sio_front_words;

typedef struct {
    sio_listener    listener;
    sio_front_words words;
    char            where[SIO_FRONT_WHERE_MAX]; /* for people: "10.0.0.5 port 3180", "unix:/path" */
} sio_front;

typedef struct {
    unsigned  n;
    sio_front items[SIO_FRONTS_MAX];
} sio_fronts;

/*
 * Listen where the settings say: "listen", or "host" and "port". SIO_OK, or SIO_ERR_SYS with one
 * line, and some may be open.
 */
int sio_fronts_open(sio_env *env, sio_buf *error);

/*
 * The same on n sockets that listen already, SIO_FRONTS_MAX at most, from descriptor first_fd on.
 * words: of each.
 */
int sio_fronts_adopt(sio_env *env, int first_fd, unsigned n, const sio_front_words words[],
                     sio_buf *error);

/* Leave connections in the queues of the kernel, or take them. */
void sio_fronts_pause(sio_env *env, bool paused);

/* The same for so long. */
void sio_fronts_rest(sio_env *env, unsigned ms);

/* Accept nothing more. Connections go on. */
void sio_fronts_close(sio_env *env);

/* The port of the first one that has any; 0: they are unix sockets. */
unsigned sio_fronts_port(const sio_env *env);

#endif
