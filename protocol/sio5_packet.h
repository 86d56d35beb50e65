/*
 * protocol/sio5_packet.h - one packet of Socket.IO protocol 5, and of 4 and 3.
 *
 *     type [n "-"] [nsp ","] [id] [json]       51-/chat,7["photo",{"_placeholder":true,"num":0}]
 *
 * It is the text of an Engine.IO message; n attachments follow it, each as a
 * binary message of its own (see sio5_decoder.h).
 * Called by the Engine.IO sessions of server/, by sio5_decoder.c, and by
 * tests/fuzz/. Pure: no clock, no I/O; decoding does not allocate.
 * Rule: socket.io-protocol, revisions 5 (socket.io 3 and 4), 4 (1.0.3 to 2.x) and
 * 3 (1.0.0 to 1.0.2); socket.io-parser 4.2.7, 3.4.5 and 2.1.4. White space and
 * numbers are read as they do; what they take for NaN or undefined is refused.
 */
#ifndef SIO_PROTOCOL_SIO5_PACKET_H
#define SIO_PROTOCOL_SIO5_PACKET_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum { SIO5_REVISION_3 = 3, SIO5_REVISION_4 = 4, SIO5_REVISION_5 = 5 } sio5_revision;

typedef enum { /* the digit on the wire; 5 and 6 are EVENT and ACK with attachments */
               SIO5_CONNECT,
               SIO5_DISCONNECT,
               SIO5_EVENT,
               SIO5_ACK,
               SIO5_CONNECT_ERROR
} sio5_type;

/* JSON texts below are valid and have no white space around them. Empty views mean "absent". */
typedef struct {
    sio5_type type;
    sio_view  nsp;   /* begins with '/'; empty for the main namespace, however it was written */
    sio_view  query; /* what followed nsp and '?'; revisions 3 and 4 only */
    sio_view  id;    /* decimal digits; of one that was decoded: see sio5_packet_id */
    sio_view  name;  /* EVENT: string with quotes, or number; empty: there is nothing to call */
    sio_view  args;  /* EVENT, ACK: elements of an array, see sio_json_read_elements */
    sio_view  data;  /* CONNECT, CONNECT_ERROR: one value */
    unsigned  n_attachments;
    const sio_view *attachments; /* set by sio5_decoder_add; NULL here */
    bool            counted_ack; /* an ACK of revision 3: answer that client in revision 3 */
} sio5_packet;

enum { SIO5_MAX_ID_DIGITS = 20 };

/* What is accepted. 3 means the same as 4 here: nobody can tell these clients apart. */
typedef struct {
    sio5_revision revision;
    unsigned      max_depth;         /* of arrays and objects; at most SIO_JSON_MAX_DEPTH */
    unsigned      max_attachments;   /* of one packet; Node: 10 */
    size_t        max_waiting_bytes; /* text and attachments of one packet; for sio5_decoder */
} sio5_rules;

/*
 * Decode text, which is one whole message. Returns
 *   SIO_OK         *out is set; its views point into text and live as long
 *   SIO_TOO_DEEP   likewise, but for name, args and data: drop it and its attachments, as
 *                  its JSON is deeper than the rules allow
 *   SIO_BAD        not a packet: end the connection, as all servers do
 *   SIO_TOO_LARGE  more attachments than the rules allow: likewise
 * and leaves *out undefined in the last two cases. text should be valid UTF-8; only what
 * is inside JSON is checked here. Placeholders are in range when it is SIO_OK.
 *
 * An unknown type, which the servers of revision 4 overlook, comes out there as
 * they read it: CONNECT_ERROR, which a server has no use for. A namespace without
 * the comma goes to the end of the text.
 */
int sio5_packet_decode(sio_view text, const sio5_rules *rules, sio5_packet *out);

/*
 * The id of a packet that was decoded: at most SIO5_MAX_ID_DIGITS decimal digits, as they came, or
 * empty. White space in its place, as in `2 ["a"]`, is an id of 0 for all real servers.
 */
sio_view sio5_packet_id(const sio5_packet *p);

enum {
    SIO5_PLAIN = 0,
    SIO5_ASCII = 1 /* JSON in ASCII, see sio_json_ascii_add: for all clients of Engine.IO 3 */
};

/*
 * Append p as text; the attachments are sent behind it. Fields that do not belong
 * to the type are ignored. The caller sees to it that JSON is valid, that nsp
 * begins with '/' and has no ',' in it, and that placeholders pass
 * sio_placeholder_check with n_attachments. Failure is out->failed.
 *
 * Beware: an ACK in any other revision sends a client of revision 3 into an
 * endless loop, and theirs in revision 3 makes others break off.
 */
void sio5_packet_encode(const sio5_packet *p, sio5_revision revision, unsigned flags, sio_buf *out);

#endif
