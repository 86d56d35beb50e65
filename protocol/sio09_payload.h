/*
 * protocol/sio09_payload.h - several Socket.IO 0.9 packets in one HTTP body.
 *
 *     U+FFFD length U+FFFD packet, repeated        or        one packet as it is
 *
 * Called by the polling and htmlfile transports of server/ and by tests/fuzz/.
 * Pure; decoding does not allocate. Lengths count UTF-16 units, not bytes.
 * Rule: encodePayload and decodePayload of socket.io 0.9.16 (lib/parser.js).
 */
#ifndef SIO_PROTOCOL_SIO09_PAYLOAD_H
#define SIO_PROTOCOL_SIO09_PAYLOAD_H

#include "protocol/buf.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *p, *end; /* private */
    bool        framed, done;
} sio09_payload_iter;

/*
 * Begin to take a body apart. body must be valid UTF-8 (see sio_utf8_repair);
 * on other bytes the packets may be cut oddly, but stay inside it. A body that
 * does not start with U+FFFD is one packet, also when it is empty.
 */
void sio09_payload_begin(sio09_payload_iter *it, sio_view body);

/*
 * The next packet, as a view into the body; false at the end. The packet may be
 * empty or no packet at all: sio09_packet_decode refuses it then.
 *
 * A length is read as JavaScript's Number() reads whole numbers: "5", " 5 ",
 * "0x5" and "5e0" are five, nothing at all is 0. One that reaches past the end
 * gives what is there. An unreadable one gives an empty packet, the last of this
 * body: nobody can tell where the next frame begins.
 */
bool sio09_payload_next(sio09_payload_iter *it, sio_view *packet);

/*
 * Append n packets (valid UTF-8) as one body: nothing for none; one alone without
 * frame, unless it starts with U+FFFD and would be taken for a payload.
 */
void sio09_payload_encode(const sio_view *packets, size_t n, sio_buf *out);

/* Append one packet with its frame. Frames in a row are a payload. */
void sio09_payload_add(sio_buf *out, sio_view packet);

#endif
