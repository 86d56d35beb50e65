/*
 * server/transport/websocket.h - one open websocket, of any draft.
 *
 * websocket_framing.h has how messages become bytes, websocket_read.h what arrives on it,
 * websocket_upgrade.h how it begins, and websocket_hixie.h the two drafts that are older than
 * versions. Drafts 7 and 8 frame as RFC 6455. Rules: spec/socketio-0.9.md section 2.2 with its
 * "Better:" items.
 */
#ifndef SIO_TRANSPORT_WEBSOCKET_H
#define SIO_TRANSPORT_WEBSOCKET_H

#include "server/base/deferred.h"
#include "server/engine/send_queue.h"
#include "server/net/conn.h"
#include "server/transport/gate.h"
#include "server/transport/transport.h"
#include "server/transport/websocket_framing.h"

extern const sio_transport sio_transport_websocket;
extern const sio_transport sio_transport_flashsocket;
extern const sio_transport sio_transport_eio_websocket;

/* What all websockets of a server share. */
typedef struct sio_websockets {
    sio_ws_deflate *deflate;  /* NULL until the first that agrees on it */
    sio_buf         inflated; /* a message that arrived compressed */
} sio_websockets;

void sio_websockets_init(sio_env *env);
void sio_websockets_fini(sio_env *env);

typedef struct {
    sio_channel channel;
    sio_conn   *conn; /* NULL before it is open, and once it was closed from here */
    const sio_websocket_framing *framing;
    sio_websocket_reader         reader;
    sio_task                     release;
    sio_view                     answer; /* the 101 that goes in front of all; empty: it has left */
    sio_send_queue      *rest;    /* what a session that is over has still to say; NULL: nothing */
    sio_ws_deflate_terms deflate; /* accepted: some of the messages are compressed */
    sio_gate            *gate;    /* NULL until one of them was much more than it seemed */
    unsigned violation; /* of the client, who is not heard any more: the status to end with; or 0 */
    size_t   n_valid;   /* of a text that is not whole yet: so many bytes of it are good UTF-8 */
} sio_websocket;

/* A websocket that is not open yet. NULL when out of memory. */
sio_websocket *sio_websocket_new(const sio_env *env, const sio_channel_ops *channel,
                                 const sio_websocket_framing *framing);

/* Free one that was never opened; an open one frees itself at its end. */
void sio_websocket_free(sio_websocket *ws);

/*
 * The upgrade is complete: speak on conn, serve mailbox, or tell the client that it is not known
 * (NULL). The 101, unless it has left already (empty), leaves in this call, together with what
 * waits. bytes[0..n) came behind the upgrade; they may be changed, as in sio_conn_handler.
 */
void sio_websocket_start(sio_websocket *ws, sio_conn *conn, sio_view answer, sio_mailbox *mailbox,
                         char *bytes, size_t n);

/* RFC 6455, 7.4.1. */
enum {
    SIO_WS_CLOSE_NO_STATUS = 0, /* a close frame without one */
    SIO_WS_CLOSE_NORMAL = 1000,
    SIO_WS_CLOSE_GOING_AWAY = 1001,
    SIO_WS_CLOSE_PROTOCOL = 1002,
    SIO_WS_CLOSE_BAD_DATA = 1007, /* not UTF-8, or can not be inflated */
    SIO_WS_CLOSE_TOO_BIG = 1009,
    SIO_WS_CLOSE_INTERNAL = 1011
};

/* A frame that is not one of a queue. */
void sio_websocket_send(sio_websocket *ws, uint8_t opcode, sio_view payload);

/* Close with a status (0: none); no session may be on it any more. It frees itself. */
void sio_websocket_close(sio_websocket *ws, unsigned status);

#endif
