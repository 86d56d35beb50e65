/*
 * server/net/carrier.h - what moves the bytes of connections: a table of functions for each way.
 *
 * Called by conn.c, and by net.c for what all connections share. A carrier watches the socket, and
 * tells conn.c by sio_conn_on_readable(), sio_conn_on_writable() and sio_conn_on_end(); conn.c then
 * reads and writes. Adding one touches its own file and net.c.
 */
#ifndef SIO_NET_CARRIER_H
#define SIO_NET_CARRIER_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

typedef struct sio_env  sio_env;
typedef struct sio_conn sio_conn;

/*
 * What to be told of; any of them. END, which is never with READ: the peer says no more, though
 * what it said before is not read yet. It may be told without need, and a second late.
 */
enum { SIO_CARRIER_READ = 1, SIO_CARRIER_WRITE = 2, SIO_CARRIER_END = 4 };

typedef struct sio_carrier {
    const char *name;      /* as in the setting "carrier" */
    size_t      conn_size; /* of its connections: a struct that begins with a sio_conn */

    /* Before a server's first connection (SIO_OK or SIO_ERR_NOMEM), after its last. May be NULL. */
    int (*open)(sio_env *env);
    void (*close)(sio_env *env);

    /* Begin to watch c->fd as c->wants says. SIO_OK, or SIO_ERR_NOMEM and c->fd is still open. */
    int (*attach)(sio_conn *c);
    /* The end: forget c, and close its socket. Never called inside sio_conn_on_...(). */
    void (*detach)(sio_conn *c);

    /*
     * From now on the bytes are those of TLS; early has come already. NULL: this carrier has none of
     * that. Whether the peer speaks it is found out later: c ends then, or can be spoken on.
     */
    void (*secure)(sio_conn *c, sio_view early);

    /* The bytes that were read; 0: the peer says no more; SIO_PARTIAL: nothing now; SIO_ERR_SYS. */
    ptrdiff_t (*read)(sio_conn *c, char *bytes, size_t n);
    /* How many of the bytes the socket takes now, maybe 0; SIO_ERR_SYS: it has failed. */
    ptrdiff_t (*write)(sio_conn *c, sio_view bytes);
    /* c->wants has changed. Each holds until it changes again. */
    void (*watch)(sio_conn *c);
    /* We say no more, after what was written; the peer is told. False: the socket has failed. */
    bool (*end_output)(sio_conn *c);
    /* Has the peer closed its side, or the socket failed, though we have not read so far? */
    bool (*peer_has_left)(const sio_conn *c);
    /*
     * Append what is known of how the peer came in, and of its certificate, as a JSON object. NULL:
     * this carrier knows nothing.
     */
    void (*describe)(const sio_conn *c, sio_buf *json);
    /* Are there bytes that it sent before? */
    bool (*has_unread)(const sio_conn *c);
} sio_carrier;

/* carrier_tcp.c: the socket on the loop itself. */
extern const sio_carrier sio_carrier_tcp;

/* carrier_tls.c: TLS, for listeners that have the word. */
extern const sio_carrier sio_carrier_tls;

/* carrier_lws.c: libwebsockets watches it. */
extern const sio_carrier sio_carrier_lws;
const char              *sio_carrier_lws_library(void); /* its version */

#endif
