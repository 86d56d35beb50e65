/*
 * protocol/eio_packet.h - one packet of Engine.IO, revision 3 or 4.
 *
 *                    text                      bytes
 *     text           <type digit><text>        -
 *     binary, rev 3  b<type digit><base64>     <type byte, 0 to 6><bytes>
 *     binary, rev 4  b<base64>                 <bytes>; always a message
 *
 * Called by the websocket transports of server/ with whole messages (text and
 * binary ones are the columns), by the payload codecs, and by tests/fuzz/.
 * Pure; decoding does not allocate. Rule: engine.io-protocol, revisions 3 and 4,
 * "Packet"; engine.io-parser 2.2.1 and 5.2.3.
 */
#ifndef SIO_PROTOCOL_EIO_PACKET_H
#define SIO_PROTOCOL_EIO_PACKET_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

typedef enum { SIO_EIO3 = 3, SIO_EIO4 = 4 } sio_eio_revision;

typedef enum { /* the digit on the wire */
               SIO_EIO_OPEN,
               SIO_EIO_CLOSE,
               SIO_EIO_PING,
               SIO_EIO_PONG,
               SIO_EIO_MESSAGE,
               SIO_EIO_UPGRADE,
               SIO_EIO_NOOP
} sio_eio_type;

typedef enum {
    SIO_EIO_TEXT,
    SIO_EIO_BINARY,
    SIO_EIO_BASE64 /* binary, as it was sent to or from a peer without binary */
} sio_eio_form;

typedef struct {
    sio_eio_type type;
    sio_eio_form form;
    sio_view     data; /* the text, the bytes, or base64 of the bytes; may be empty */
} sio_eio_packet;

/*
 * Decode one whole packet. Returns SIO_OK, and then out->data views the input; or
 * SIO_BAD, which ends the connection ("parse error"): no packet, or an unknown
 * type. Any text may be base64 (base64.h). It should be valid UTF-8, which is not
 * checked here.
 *
 * Bytes of revision 3, in either form, that begin with no type (also: that are
 * empty) are a packet all the same, one that says nothing: SIO_EIO_NOOP. To real
 * servers they have a type that nobody handles. Some clients send text so.
 */
int sio_eio_packet_decode_text(sio_eio_revision revision, sio_view text, sio_eio_packet *out);
int sio_eio_packet_decode_bytes(sio_eio_revision revision, sio_view bytes, sio_eio_packet *out);

/*
 * Append p as the peer reads it. sio_eio_packet_encode_text always gives text;
 * sio_eio_packet_encode gives bytes when p->form is SIO_EIO_BINARY: send those as
 * a binary message. In revision 4 a binary packet has to be a message.
 * Failure is out->failed.
 */
void sio_eio_packet_encode_text(sio_eio_revision revision, const sio_eio_packet *p, sio_buf *out);
void sio_eio_packet_encode(sio_eio_revision revision, const sio_eio_packet *p, sio_buf *out);

#endif
