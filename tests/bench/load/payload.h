/*
 * tests/bench/load/payload.h - the text that a measured message carries: its number, and filling.
 *
 * "#0000000042:xxxx", of a fixed length, in quotes it is a JSON string. Used by the scenarios.
 */
#ifndef LOAD_PAYLOAD_H
#define LOAD_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

enum { PAYLOAD_MIN = 12, PAYLOAD_MAX = 64 * 1024 };

/* Write it with its quotes and an end to `to`, which has room for bytes + 3. */
void payload_write(char *to, size_t bytes, uint32_t number);

/*
 * Look for one in the text of a packet. 0, and its number; or -1 when there is none, or it is not
 * as long as it was, or the filling has changed.
 */
int payload_read(const char *text, size_t len, size_t bytes, uint32_t *number);

#endif
