/*
 * protocol/sio5_decoder.h - packets of Socket.IO out of the messages of one connection.
 *
 * A packet with attachments comes in several messages: its text, then the bytes
 * of each. Nothing else of Socket.IO may come between them. What is waited for is
 * kept here, bounded by the rules; packets without attachments are not copied.
 * Called by the Engine.IO sessions of server/, which also limit the time to wait,
 * and by tests/fuzz/. Pure; allocates only through sio_buf.
 * Rule: socket.io-protocol, "Binary"; Decoder of socket.io-parser 4.2.7 and 3.4.5.
 */
#ifndef SIO_PROTOCOL_SIO5_DECODER_H
#define SIO_PROTOCOL_SIO5_DECODER_H

#include "protocol/buf.h"
#include "protocol/eio_packet.h"
#include "protocol/result.h"
#include "protocol/sio5_packet.h"
#include "protocol/view.h"

#include <stdbool.h>

typedef struct { /* private */
    const sio5_rules *rules;
    sio5_packet       packet;      /* views text */
    sio_buf           text;        /* of the packet that waits, or was the last one given out */
    sio_buf           bytes;       /* of its attachments, one behind the other */
    sio_buf           attachments; /* a sio_view for each that is there */
    int               verdict;     /* what to say of it when it is whole */
    bool              is_waiting;
} sio5_decoder;

/* An idle decoder. *rules are borrowed until sio5_decoder_fini. Allocates nothing. */
void sio5_decoder_init(sio5_decoder *d, const sio5_rules *rules);

/* Free what is held; what was given out is gone. *d is idle then and may be used again. */
void sio5_decoder_fini(sio5_decoder *d);

/* Is a packet waiting for attachments? */
bool sio5_decoder_is_waiting(const sio5_decoder *d);

/* Bytes of the client that it keeps meanwhile. */
size_t sio5_decoder_n_kept(const sio5_decoder *d);

/*
 * The next message (a packet of type SIO_EIO_MESSAGE) has come. Returns
 *   SIO_OK         *out is a whole packet; out->attachments are its n_attachments
 *                  bytes. All of it lives until the next call for d, or as long
 *                  as message when that is shorter.
 *   SIO_TOO_DEEP   a packet that sio5_packet_decode wants dropped is over, *out as there
 *   SIO_PARTIAL    there is more to come
 *   SIO_BAD        bytes that nobody announced, text where bytes are due, or what
 *                  sio5_packet_decode refuses: end the connection
 *   SIO_TOO_LARGE  over a limit of the rules, or out of memory: likewise
 * With attachments, memory is held until the next call: sio5_decoder_fini, once
 * the packet has been dealt with, gives it back earlier.
 */
int sio5_decoder_add(sio5_decoder *d, const sio_eio_packet *message, sio5_packet *out);

#endif
