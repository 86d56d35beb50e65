/*
 * protocol/eio3_payload.h - several Engine.IO 3 packets in one HTTP body.
 *
 *     text     <length>:<packet>               repeated; length in UTF-16 units
 *     bytes    <0 or 1><length>FF<packet>      repeated; 0 text, 1 binary; length
 *                                              in bytes, its digits as bytes 0 to 9
 *
 * Called by the polling transports of server/ and by tests/fuzz/. Pure; decoding
 * does not allocate. Rule: engine.io-protocol revision 3, "Payload";
 * engine.io-parser 2.2.1 (socket.io 2.x), and 1.x as said below.
 *
 * Which form: a request by its Content-Type, whatever the client can take; an
 * answer in bytes only if the request was without b64 and a packet of it is
 * binary (by servers of 1.x: whatever its packets are; see eio3_client.h). 1.x
 * counts the units of text that it encoded to UTF-8 twice (see sio_utf8_repair_doubled);
 * text in ASCII is the same for both.
 */
#ifndef SIO_PROTOCOL_EIO3_PAYLOAD_H
#define SIO_PROTOCOL_EIO3_PAYLOAD_H

#include "protocol/buf.h"
#include "protocol/eio_packet.h"
#include "protocol/view.h"

#include <stdbool.h>

typedef enum { SIO_EIO3_TEXT, SIO_EIO3_BYTES } sio_eio3_form;

typedef struct {
    sio_view      rest; /* private */
    sio_eio3_form form;
    unsigned      n_left;
    bool          done;
} sio_eio3_payload_iter;

/* Begin to take a body apart. In the text form it must be valid UTF-8 (see sio_utf8_repair). */
void sio_eio3_payload_begin(sio_eio3_payload_iter *it, sio_eio3_form form, sio_view body,
                            unsigned max_packets);

/*
 * The next packet. Returns
 *   1               *out is set; out->data views the body
 *   0               there are no more
 *   SIO_BAD         the rest is no payload: a length that is none or does not fit,
 *                   what eio_packet.h refuses, text in bytes that is not UTF-8
 *   SIO_TOO_LARGE   there are more than max_packets
 * After anything but 1 it is over, and 0 follows. The packets before a bad one
 * count; then the session ends ("parse error"). "0:" holds no packet; an empty
 * body is bad as text and holds none as bytes.
 */
int sio_eio3_payload_next(sio_eio3_payload_iter *it, sio_eio_packet *out);

/* Append one packet to a payload of that form. Text must be valid UTF-8. */
void sio_eio3_payload_add(sio_buf *out, sio_eio3_form form, const sio_eio_packet *p);

/* What a text payload without packets looks like: it may not be empty. */
#define SIO_EIO3_NO_PACKETS SIO_VIEW("0:")

#endif
