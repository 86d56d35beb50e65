/*
 * server/conn.h - one TCP connection: bytes in, bytes out, an orderly end.
 *
 * The layer between libwebsockets (sockets, TLS, partial writes) and what speaks on the
 * connection: HTTP (http.c), and after an upgrade WebSocket (websocket.c).
 */
#ifndef SIO_CONN_H
#define SIO_CONN_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>

#include "protocol/view.h"
#include "server/address.h"
#include "server/turn.h"
#include "server/wheel.h"

typedef struct sio_server sio_server;
typedef struct sio_conn   sio_conn;

/* Who speaks on a connection. The owner is told `closed` once, unless it closed by itself. */
typedef struct {
    /* n bytes arrived; they may be changed in place and live during the call only. */
    void (*readable)(sio_conn *c, char *bytes, size_t n);
    /* What was written has left and more may be written; called after sio_conn_blocked(). */
    void (*writable)(sio_conn *c);
    /* The time set by sio_conn_set_timeout() has passed. */
    void (*timeout)(sio_conn *c);
    /* The peer closed or the socket failed. Do not use c afterwards. */
    void (*closed)(sio_conn *c, const char *reason);
} sio_conn_handler;

typedef enum {
    SIO_CONN_OPEN,
    SIO_CONN_CLOSING,  /* closed by its owner: what was written still leaves */
    SIO_CONN_LINGERING /* FIN sent; input is thrown away until the peer closes too */
} sio_conn_state;

struct sio_conn {
    sio_server             *server;
    struct lws             *wsi;
    const sio_conn_handler *handler;
    void                   *owner; /* for the handler */
    sio_conn_state          state;
    bool                    broken;  /* a write failed */
    bool                    waiting; /* writable() was asked for */
    sio_task                close_task;
    sio_timer               timer;
    sio_link                link; /* in server->conns */
    sio_address             peer;
};

extern const struct lws_protocols sio_conn_protocols[];

/*
 * Take over an accepted socket. The connection frees itself at its end. Closes fd and returns NULL
 * when there is no memory; the handler is told nothing in that case.
 */
sio_conn *sio_conn_adopt(sio_server *s, int fd, const sio_address *peer);

/*
 * Write bytes now; what the kernel does not take is kept by libwebsockets. Callers write only
 * while !sio_conn_blocked(), so that what is kept is bounded by one call.
 */
void sio_conn_write(sio_conn *c, sio_view bytes);

/* Something that had to be written is lost: the connection ends as after a socket error. */
void sio_conn_fail(sio_conn *c);

/* True while earlier bytes wait for the socket. handler->writable() follows. */
bool sio_conn_blocked(sio_conn *c);

/* Has the peer closed its side already, though we have not read so far? One system call. */
bool sio_conn_peer_has_left(sio_conn *c);

/* handler->timeout() after delay_ms; 0 means never. */
void sio_conn_set_timeout(sio_conn *c, unsigned delay_ms);

/* Stop or continue reading from the socket; used to bound what waits behind a pending request. */
void sio_conn_pause(sio_conn *c, bool paused);

/*
 * End the connection: what was written leaves, then FIN, then the peer is given a moment to close
 * (closing at once with unread input would reset the connection and lose the answer). The handler
 * is called no more.
 */
void sio_conn_close(sio_conn *c);

/* End it at once, as at shutdown when time is up. The handler is called no more. */
void sio_conn_abort(sio_conn *c);

#endif
