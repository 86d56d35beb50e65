/*
 * protocol/utf8_repair.h - text from a network that is not UTF-8, or is it twice.
 *
 * Called by the transports and by the codecs of socket.io 1.x. Pure; writes into a sio_buf.
 */
#ifndef SIO_PROTOCOL_UTF8_REPAIR_H
#define SIO_PROTOCOL_UTF8_REPAIR_H

#include "protocol/buf.h"
#include "protocol/view.h"

#include <stdbool.h>

/*
 * Was valid text encoded twice, its UTF-8 bytes taken for characters and encoded
 * once more? Then append it as it was meant and return true. It may have been
 * when it has characters above U+007F, all of them below U+0100, and is UTF-8
 * again when each is read as a byte: eio3_text.h knows more. Failure is
 * out->failed.
 */
bool sio_utf8_repair_doubled(sio_view valid_utf8, sio_buf *out);

/* Append text, each maximal invalid part of it replaced by U+FFFD. */
void sio_utf8_repair(sio_view text, sio_buf *out);

#endif
