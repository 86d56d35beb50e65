/*
 * protocol/eio4_payload.h - several Engine.IO 4 packets in one HTTP body.
 *
 *     <packet> 1E <packet> 1E <packet>        each as text; binary ones in base64
 *
 * Called by the polling transport of server/ and by tests/fuzz/. Pure; decoding
 * does not allocate. Rule: engine.io-protocol revision 4, "Payload";
 * engine.io-parser 5.2.3.
 */
#ifndef SIO_PROTOCOL_EIO4_PAYLOAD_H
#define SIO_PROTOCOL_EIO4_PAYLOAD_H

#include "protocol/buf.h"
#include "protocol/eio_packet.h"
#include "protocol/view.h"

#include <stdbool.h>

typedef struct {
    sio_view rest; /* private */
    unsigned n_left;
    bool     done;
} sio_eio4_payload_iter;

/* Begin to take a body apart. body should be valid UTF-8; that is not checked here. */
void sio_eio4_payload_begin(sio_eio4_payload_iter *it, sio_view body, unsigned max_packets);

/*
 * The next packet. Returns
 *   1               *out is set; out->data views the body
 *   0               there are no more
 *   SIO_BAD         the next one is none: an empty body, two separators in a row,
 *                   one at the end, or what sio_eio_packet_decode_text refuses
 *   SIO_TOO_LARGE   there are more than max_packets
 * After anything but 1 it is over, and 0 follows. The packets before a bad one
 * count; then the session ends ("parse error").
 */
int sio_eio4_payload_next(sio_eio4_payload_iter *it, sio_eio_packet *out);

/*
 * Append one packet to a payload, with the separator unless out is empty. The
 * data of a text packet may not hold the byte 1E: JSON never does.
 */
void sio_eio4_payload_add(sio_buf *out, const sio_eio_packet *p);

#endif
