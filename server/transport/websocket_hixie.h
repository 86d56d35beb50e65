/*
 * server/transport/websocket_hixie.h - the websocket drafts hixie-75 and hixie-76, of Safari 5 and
 * its time.
 *
 * hixie-76 has two keys in its request and eight bytes behind it, the nonce; the answer ends with
 * the MD5 of all three. Proxies may hold the nonce back until they have seen the 101, so that
 * is sent first.
 */
#ifndef SIO_TRANSPORT_WEBSOCKET_HIXIE_H
#define SIO_TRANSPORT_WEBSOCKET_HIXIE_H

#include "server/transport/websocket.h"

extern const sio_websocket_framing sio_websocket_hixie;

/* As sio_websocket_upgrade_accept(), for requests without a version. */
bool sio_websocket_hixie_accept(sio_exchange *x, const sio_request *r, sio_opening *o);

/*
 * hixie-76: send the 101 on conn, the digest when the nonce has come, which is at the
 * beginning of bytes[0..n) or arrives later, then start ws. Takes ws. Meanwhile the session has no
 * channel here, so its packets wait in its queue.
 */
void sio_websocket_hixie_prove(sio_websocket *ws, sio_conn *conn, const sio_opening *o,
                               sio_mailbox *mailbox, char *bytes, size_t n);

#endif
