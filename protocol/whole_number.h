/*
 * protocol/whole_number.h - numbers as JSON writes them, where only whole ones mean something.
 *
 * Languages without integers write 0.0 or 1e0 where others write 0 or 1; JSON.parse and Number() of
 * JavaScript see no difference. Called by placeholder.c and sio5_packet.c. Pure, does not allocate.
 */
#ifndef SIO_PROTOCOL_WHOLE_NUMBER_H
#define SIO_PROTOCOL_WHOLE_NUMBER_H

#include "protocol/result.h"
#include "protocol/view.h"

#include <stddef.h>

/*
 * The value of text, which is one number without anything around it (leading zeros are allowed).
 * SIO_OK and *value; SIO_TOO_LARGE: it is larger than limit; SIO_BAD: no number, negative, not a
 * whole one, or an exponent beyond 400. -0 is 0. *value is untouched unless SIO_OK.
 */
int sio_whole_number(sio_view text, size_t limit, size_t *value);

#endif
