/*
 * protocol/ws_hixie.h - WebSocket as it was before it had a version: drafts hixie-75 and hixie-76.
 *
 * Called by server/transport/websocket_hixie.c and tests/fuzz/. Both drafts frame a text as 0x00,
 * UTF-8, 0xFF, and have no other messages; only hixie-76 has a challenge in its handshake. Pure: no
 * I/O, no globals; only the reader allocates, through a sio_buf. Whether text is UTF-8 is for the
 * caller to check.
 * Rule: draft-hixie-thewebsocketprotocol-75 and -76; spec/socketio-0.9.md section 2.2.
 */
#ifndef SIO_PROTOCOL_WS_HIXIE_H
#define SIO_PROTOCOL_WS_HIXIE_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"
#include "protocol/ws_frame.h"

#include <stddef.h>
#include <stdint.h>

enum { SIO_HIXIE_NONCE_BYTES = 8, SIO_HIXIE_CHALLENGE_BYTES = 16 };

/*
 * The number that Sec-WebSocket-Key1 or -Key2 hides: its digits, read as one
 * decimal number, divided by its count of spaces. Returns SIO_OK, or SIO_BAD:
 * no digits, no spaces, a number of more than 32 bits, or one that the spaces
 * do not divide.
 */
int sio_ws_hixie_key_number(sio_view key, uint32_t *out);

/* What the server proves to have read, by its MD5: both numbers, big endian, and the nonce. */
void sio_ws_hixie_challenge(const uint32_t numbers[2], const uint8_t nonce[SIO_HIXIE_NONCE_BYTES],
                            uint8_t out[SIO_HIXIE_CHALLENGE_BYTES]);

/*
 * Append the frame of a text (SIO_WS_TEXT: may not hold the byte 0xFF, which UTF-8
 * never has) or of a close (SIO_WS_CLOSE: its payload is left out, there is no
 * place for one). When out fails, it is left as it was.
 */
void sio_ws_hixie_add_frame(sio_buf *out, uint8_t opcode, sio_view payload);

/* Keeps bytes only while a frame is incomplete; an idle one has nothing on the heap. Private. */
typedef struct {
    sio_buf partial; /* text of the current frame so far; its limit is that of a message */
    enum { SIO_HIXIE_BETWEEN, SIO_HIXIE_IN_TEXT, SIO_HIXIE_IN_CLOSE } state;
} sio_ws_hixie_reader;

/* max_message_bytes limits the text of one frame. Allocates nothing. */
void sio_ws_hixie_reader_init(sio_ws_hixie_reader *r, size_t max_message_bytes);

/* Free what an unfinished frame holds. */
void sio_ws_hixie_reader_fini(sio_ws_hixie_reader *r);

/*
 * Take the next message from the *len bytes at *buf, exactly as sio_ws_reader_next
 * does: 1 with a message in *out (SIO_WS_TEXT, or SIO_WS_CLOSE without payload), 0
 * when more input is needed, or a negative code, after which the reader is only
 * good for sio_ws_hixie_reader_fini. A text that lies there as one whole frame is
 * not copied. No byte at *buf is changed.
 *
 *   SIO_BAD        a frame of another type, or one of the length-prefixed type
 *                  (0xFF) that is not the close: no client ever sent one;
 *   SIO_TOO_LARGE  the text passes the limit; found as soon as it does;
 *   SIO_ERR_NOMEM  no memory for an incomplete text.
 */
int sio_ws_hixie_reader_next(sio_ws_hixie_reader *r, char **buf, size_t *len, sio_ws_message *out);

#endif
