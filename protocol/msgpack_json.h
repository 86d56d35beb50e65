/*
 * protocol/msgpack_json.h - a MessagePack value as JSON, and back.
 *
 * Called by node4_message.c and by tests/fuzz/. Never recursive; allocates only through sio_buf.
 * Inside this program arguments travel as JSON text with bytes beside it (placeholder.h), so what
 * comes from processes of Node becomes that first, whatever it is.
 *
 * Rule: spec/socketio-ecosystem.md, 1.3. Times become text as toISOString() of JavaScript writes
 * it, NaN and infinities null, as JSON.stringify() does; undefined becomes null in an array, and is
 * left out of a map.
 */
#ifndef SIO_PROTOCOL_MSGPACK_JSON_H
#define SIO_PROTOCOL_MSGPACK_JSON_H

#include "protocol/msgpack.h"

/* Clients of socket.io 4 end their connection when an event has more. */
enum { SIO_MSGPACK_MAX_ATTACHMENTS = 10 };

/* What is written of one value, at most: less than what is around it leaves (msgpack.h). */
enum { SIO_MSGPACK_MAX_VALUE_DEPTH = 60 };

typedef struct {
    sio_buf  text; /* to be initialized, and freed, by the caller; cleared here */
    sio_view attachments[SIO_MSGPACK_MAX_ATTACHMENTS]; /* views into the message */
    unsigned n_attachments;
} sio_msgpack_json;

/*
 * Read a message, which is one value: as the standard says, or else as msgpack-js wrote it. SIO_OK;
 * SIO_BAD: it is neither, or something is behind it; SIO_TOO_LARGE: too deep, too many attachments,
 * or the text has failed.
 */
int sio_msgpack_json_read(sio_view message, sio_msgpack_json *out);

/*
 * Append a JSON value, which is valid, as MessagePack; its placeholders have passed the check of
 * placeholder.h, or n is 0. SIO_OK; SIO_TOO_DEEP, after some of it; SIO_TOO_LARGE: out has failed.
 */
int sio_msgpack_json_write(sio_view json, const sio_view *attachments, unsigned n, sio_buf *out);

/* The number of JSON as text, of which nothing is known but that it is finite. */
void sio_msgpack_json_add_number(sio_buf *json, double number);

#endif
