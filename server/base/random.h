/*
 * server/base/random.h - what nobody may guess, or no two may share: session ids, the tags of
 * instances.
 */
#ifndef SIO_BASE_RANDOM_H
#define SIO_BASE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/view.h"

/*
 * n (at most 63) random characters of base64url, 6 bits each, from the system's generator; and a
 * NUL. SIO_OK or SIO_ERR_SYS.
 */
int sio_random_text(char *out, size_t n);

/* A random number, from there too. SIO_OK or SIO_ERR_SYS. */
int sio_random_u32(uint32_t *out);

/* Is the text made of such characters alone, so that it may have been made here or elsewhere? */
bool sio_random_is_text(sio_view text);

#endif
