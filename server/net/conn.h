/*
 * server/net/conn.h - one TCP connection: bytes in, bytes out, an orderly end.
 *
 * The layer between a socket, which a carrier moves the bytes of (carrier.h), and what speaks on
 * the connection: HTTP (http_conn.c), and after an upgrade WebSocket (websocket.c). Input is read
 * whether or not the peer takes our output: what it says counts while it reads slowly.
 */
#ifndef SIO_NET_CONN_H
#define SIO_NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/view.h"
#include "server/base/deferred.h"
#include "server/base/timer_wheel.h"
#include "server/net/address.h"

typedef struct sio_env         sio_env;
typedef struct sio_conn        sio_conn;
typedef struct sio_carrier     sio_carrier;
typedef struct sio_conn_unsent sio_conn_unsent;
typedef struct sio_conn_kept   sio_conn_kept;

/* The most that one read takes; all connections of a server read into one buffer. */
enum { SIO_CONN_READ_BYTES = 64 * 1024 };

/* Who speaks on a connection. The owner is told `closed` once, unless it closed by itself. */
typedef struct {
    /* n bytes arrived; they may be changed in place and live during the call only. */
    void (*readable)(sio_conn *c, char *bytes, size_t n);
    /* All that was written has left, after it had to wait. */
    void (*writable)(sio_conn *c);
    /* The time set by sio_conn_set_timeout() has passed. */
    void (*timeout)(sio_conn *c);
    /* The peer closed or the socket failed. Do not use c afterwards. */
    void (*closed)(sio_conn *c, const char *reason);
    /*
     * c is paused, and its peer says no more; is there something that it said before? True: all is
     * to be heard first, and c goes on when its owner does, who is not asked again before that.
     * False, or NULL: closed() follows.
     */
    bool (*hears_out)(sio_conn *c, bool has_unread);
} sio_conn_handler;

/*
 * Where a connection came in, and who counts it there. Part of an object that outlives the
 * connection: what is known of the door is found from here.
 */
typedef struct sio_door {
    /* One that came in has gone, and is freed. */
    void (*left)(sio_env *env, struct sio_door *door, const sio_address *peer);
    unsigned send_timeout_ms; /* 0: the setting */
} sio_door;

typedef enum {
    SIO_CONN_OPEN,
    SIO_CONN_CLOSING,  /* by its owner, or the peer has sent FIN: what was written still leaves */
    SIO_CONN_LINGERING /* FIN sent; input is thrown away until the peer closes too */
} sio_conn_state;

struct sio_conn {
    sio_env                *env;
    const sio_carrier      *carrier;
    const sio_conn_handler *handler;
    void                   *owner;  /* for the handler */
    sio_conn_unsent        *unsent; /* what the socket has not taken yet; NULL: nothing */
    sio_conn_kept          *kept;   /* what is on the account of its peer; NULL: nothing */
    sio_door               *door;
    int                     fd;
    sio_conn_state          state;
    uint8_t                 wants;     /* of carrier.h */
    bool                    broken;    /* the socket has failed, or something is lost */
    bool                    peer_done; /* the peer says no more */
    bool        is_secure; /* it speaks TLS with us, or with a proxy whose PROXY header says so */
    sio_task    close_task;
    sio_timer   timer;
    sio_link    link; /* in net->conns */
    sio_address peer;
};

/* --- For net.c, and others who have doors. --- */

/*
 * Take over an accepted socket. The connection frees itself at its end, and then door->left() is
 * called. Closes fd and returns NULL when there is no memory.
 */
sio_conn *sio_conn_adopt(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer,
                         sio_door *door);

/* End c in this call, as when the server ends. Nothing of it may be on the stack. */
void sio_conn_kill(sio_conn *c);

/* What c has not sent yet is on the account of its peer from now on, as it is (base/budget.h). */
void sio_conn_weigh(sio_conn *c);

/* --- For carriers. --- */

/* The socket can be read, or written, as c->wants. c is still there afterwards. */
void sio_conn_on_readable(sio_conn *c);
void sio_conn_on_writable(sio_conn *c);
void sio_conn_on_end(sio_conn *c);

/*
 * Nobody can speak on c: its owner learns that it is closed, the answer leaves instead of what was
 * written, and then c ends in order.
 */
void sio_conn_refuse(sio_conn *c, sio_view answer);

/* --- For whoever speaks on it. --- */

/*
 * Write bytes now; a copy is kept of what the socket does not take. Callers write only while
 * !sio_conn_blocked(), but for a few bytes at the end, so that what is kept is bounded by one call;
 * or they count what waits, and give up when it is too much.
 * When the socket takes nothing of it for "send timeout", or less than "min send rate" beyond that,
 * the connection has failed.
 */
void sio_conn_write(sio_conn *c, sio_view bytes);

/* For sio_conn_keep(). */
void sio_conn_keep_some(sio_conn *c, size_t n_bytes);

/*
 * What has come and is not whole yet takes so many bytes; 0: it is done with. The account of the
 * peer has them (base/budget.h): when it has to give up, the connection fails. Inline, as it is
 * said after each read.
 */
static inline void
sio_conn_keep(sio_conn *c, size_t n_bytes)
{
    if (n_bytes > 0 || c->kept != NULL)
        sio_conn_keep_some(c, n_bytes);
}

/* Something that had to be written is lost: the connection ends as after a socket error. */
void sio_conn_fail(sio_conn *c);

/* True while earlier bytes wait for the socket. handler->writable() follows. */
bool sio_conn_blocked(const sio_conn *c);

/* Has the peer closed its side already, though we have not read so far? One system call. */
bool sio_conn_peer_has_left(const sio_conn *c);

/* handler->timeout() after delay_ms; 0 means never. */
void sio_conn_set_timeout(sio_conn *c, unsigned delay_ms);

/*
 * Stop or continue reading from the socket; used to bound what waits behind a pending request. A
 * peer that leaves meanwhile is noticed: handler->hears_out().
 */
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
