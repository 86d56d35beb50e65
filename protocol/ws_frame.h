/*
 * protocol/ws_frame.h - WebSocket framing for a server.
 *
 * Called by server/ for connections after their upgrade, and by tests/fuzz/.
 * Two levels: single frame headers, and a reader that turns arriving bytes
 * into whole messages. Pure: no I/O, no globals; only the reader allocates,
 * through a sio_buf. Whether text is UTF-8 and a close frame well-formed is for
 * the caller to check.
 * Rule: RFC 6455 section 5. Drafts 07 to 12 (versions 7 and 8) frame alike.
 */
#ifndef SIO_PROTOCOL_WS_FRAME_H
#define SIO_PROTOCOL_WS_FRAME_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIO_WS_CONTINUATION = 0,
    SIO_WS_TEXT = 1,
    SIO_WS_BINARY = 2,
    SIO_WS_CLOSE = 8,
    SIO_WS_PING = 9,
    SIO_WS_PONG = 10
};

/* Reserved bits, as sio_ws_header and the reader have them. */
enum {
    SIO_WS_RSV1 = 4,     /* the message is compressed (RFC 7692 section 6) */
    SIO_WS_RSV_SHIFT = 4 /* where they are in the first byte of a header */
};

enum {
    SIO_WS_MAX_HEADER = 14,        /* bytes of any frame header */
    SIO_WS_MAX_SERVER_HEADER = 10, /* of one without a mask */
    SIO_WS_MAX_CONTROL = 125       /* payload bytes of a control frame */
};

typedef struct {
    bool     fin;
    uint8_t  rsv;    /* the three reserved bits, 0 to 7 */
    uint8_t  opcode; /* SIO_WS_* */
    bool     masked;
    bool     shortest;    /* the length is in its shortest form */
    uint8_t  mask[4];     /* zero when not masked */
    uint64_t payload_len; /* bytes that follow the header; below 2^63 */
} sio_ws_header;

/*
 * Parse the frame header at buf[0..len).
 * Returns its length (2 to SIO_WS_MAX_HEADER), SIO_PARTIAL when more input is
 * needed, or SIO_BAD: a reserved opcode, a control frame that is fragmented or
 * longer than SIO_WS_MAX_CONTROL, or a length with its highest bit set. *out is
 * written only on success.
 * Not judged, but told: reserved bits (extensions use them), a missing mask, a
 * length in a longer form than it needs.
 */
ptrdiff_t sio_ws_frame_parse_header(const char *buf, size_t len, sio_ws_header *out);

/*
 * Apply the mask to data[0..len), in place; offset is the position of data[0] in
 * the payload of its frame. Masking twice restores the text.
 */
void sio_ws_frame_unmask(char *data, size_t len, const uint8_t mask[4], size_t offset);

/*
 * Write the header of a final unmasked frame, in the shortest form. Returns its bytes. Reserved
 * bits are added to the opcode: SIO_WS_TEXT | SIO_WS_RSV1 << SIO_WS_RSV_SHIFT.
 */
size_t sio_ws_frame_encode_header(uint8_t out[SIO_WS_MAX_SERVER_HEADER], uint8_t opcode,
                                  uint64_t payload_len);

/* May this code stand in a close frame? Rule: RFC 6455 section 7.4 and its registry. */
bool sio_ws_frame_close_code_valid(unsigned code);

typedef struct {
    uint8_t  opcode; /* TEXT, BINARY, CLOSE, PING or PONG */
    uint8_t  rsv;    /* of the first frame: not 0 only where allowed_rsv permits it */
    sio_view payload;
} sio_ws_message;

/*
 * The reader keeps bytes only while a frame or a fragmented message is
 * incomplete; an idle one has nothing on the heap. All fields but allowed_rsv,
 * needs_mask and needs_shortest are private.
 */
typedef struct {
    /*
     * joined_len bytes of the fragments so far, then what has arrived of the
     * current frame: its header while that is incomplete, later its payload.
     */
    sio_buf partial;
    size_t  joined_len;
    size_t  max_message_bytes;
    size_t  frame_len; /* payload bytes of the current frame */
    uint8_t mask[4];
    uint8_t opcode;             /* of the current frame */
    bool    in_frame : 1;       /* its header is complete, its payload is not */
    bool    fin : 1;            /* of the current frame */
    bool    masked : 1;         /* likewise */
    bool    needs_mask : 1;     /* a frame without one is against the protocol; false at first */
    bool    needs_shortest : 1; /* so is a length in a longer form than it needs; likewise */
    uint8_t message_opcode;     /* of the unfinished data message; 0 when there is none */
    uint8_t message_rsv : 4;
    uint8_t allowed_rsv : 4; /* reserved bits that a first data frame may have; 0 at first */
} sio_ws_reader;

/* max_message_bytes limits one message, after its fragments are joined. Allocates nothing. */
void sio_ws_reader_init(sio_ws_reader *r, size_t max_message_bytes);

/* Free what an unfinished message holds. */
void sio_ws_reader_fini(sio_ws_reader *r);

/*
 * Take the next message from the *len bytes at *buf; both are advanced past what
 * was consumed. Call again until it does not return 1: that last call also frees
 * what the last message left. Bytes are unmasked in place, and a message that
 * lies there as one whole frame is not copied.
 *
 * Returns
 *   1              *out is set; its payload views *buf or the reader, until the
 *                  next call for this reader or until the bytes at *buf change;
 *   0              more input is needed; everything was consumed, and kept as
 *                  far as it must be;
 *   SIO_BAD        against the protocol (close with 1002);
 *   SIO_TOO_LARGE  a frame announces more than its message may still have; none
 *                  of its payload is kept (close with 1009);
 *   SIO_ERR_NOMEM  no memory for an incomplete message (close with 1011).
 * After an error the reader is only good for sio_ws_reader_fini.
 *
 * Control frames are delivered where they are, also between fragments. SIO_BAD,
 * besides what sio_ws_frame_parse_header refuses: reserved bits that are not allowed, a
 * missing mask where needs_mask, a length in a longer form than it needs where
 * needs_shortest, a continuation of nothing, a new data message inside a
 * fragmented one.
 */
int sio_ws_reader_next(sio_ws_reader *r, char **buf, size_t *len, sio_ws_message *out);

/*
 * What has come so far of a text message that is not whole, and not compressed; empty when
 * there is none. A view until the next call for r. Inline, as it is asked after each read.
 */
static inline sio_view
sio_ws_reader_open_text(const sio_ws_reader *r)
{
    const bool in_text = r->in_frame && r->opcode < SIO_WS_CLOSE;

    if (r->message_opcode != SIO_WS_TEXT || r->message_rsv != 0)
        return SIO_VIEW("");
    return (sio_view){r->partial.data, in_text ? r->partial.len : r->joined_len};
}

#endif
