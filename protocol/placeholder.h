/*
 * protocol/placeholder.h - binary data inside JSON arguments.
 *
 *     ["photo",{"_placeholder":true,"num":0}]        and the bytes of number 0 beside it
 *
 * Socket.IO sends bytes apart from the JSON they belong to, as attachments; an
 * object in the JSON marks the place of each. Arguments travel in that form
 * through the whole server, so bytes are neither copied nor encoded on the way.
 * Called by sio5_packet.c, by server/ for applications and for clients without
 * binary, and by tests/fuzz/. Pure; never recursive; allocates only through sio_buf.
 *
 * A placeholder is an object whose "_placeholder" is true. Its "num" must be the
 * number of an attachment (0.0 is 0, as for JSON.parse); other members mean nothing and may not
 * be arrays or objects. Where an event has no attachments nothing of this
 * applies: such an object is then data like any other.
 * Rule: socket.io-protocol, "Binary"; binary.js of socket.io-parser 4.2.7, which
 * does let arrays and objects pass inside a placeholder. No client sends any.
 */
#ifndef SIO_PROTOCOL_PLACEHOLDER_H
#define SIO_PROTOCOL_PLACEHOLDER_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>

/*
 * May args (valid JSON, or elements of an array) travel with n_attachments?
 * Returns SIO_OK, or SIO_BAD when a placeholder in it is not as said above: real
 * clients that got it would break off. A number may occur twice, or not at all.
 * One pass.
 */
int sio_placeholder_check(sio_view args, unsigned n_attachments);

/*
 * Walk over the placeholders, in the order of the text. For args that passed
 * the check; of others it finds some, and ends.
 */
typedef struct {
    const char *p, *end; /* private */
} sio_placeholder_iter;

typedef struct {
    sio_view text;       /* the whole object, within args */
    unsigned attachment; /* its number */
} sio_placeholder;

void sio_placeholder_begin(sio_placeholder_iter *it, sio_view args);
bool sio_placeholder_next(sio_placeholder_iter *it, sio_placeholder *out);

/*
 * Append args for a receiver that cannot take binary (Socket.IO 0.9): each
 * placeholder becomes a string with the bytes in base64. args must have passed
 * the check with n_attachments, unless that is 0: then nothing is replaced.
 * Failure is out->failed.
 *
 * Base64, because it is what Engine.IO itself falls back to and what 0.9
 * applications have always sent as binary; atob() and Buffer read it. null would
 * lose the data, {"type":"Buffer","data":[...]} costs nearly three times the room.
 */
void sio_placeholder_to_base64(sio_view args, const sio_view *attachments, unsigned n_attachments,
                               sio_buf *out);

#endif
