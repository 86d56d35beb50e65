/*
 * tests/bench/load/websocket.h - frames of RFC 6455, as a client writes and reads them.
 *
 * Called by client.c.
 */
#ifndef LOAD_WEBSOCKET_H
#define LOAD_WEBSOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/bench/load/buffer.h"

enum { WEBSOCKET_TEXT = 1, WEBSOCKET_CLOSE = 8, WEBSOCKET_PING = 9, WEBSOCKET_PONG = 10 };

/* A view into the bytes that were read. */
typedef struct {
    int         opcode;
    const char *data;
    size_t      len;
} websocket_frame;

/* A whole message in one frame, masked. */
void websocket_write(buffer *b, int opcode, const char *data, size_t len);

/*
 * Take a frame from the front. Returns the bytes consumed, 0 when more are needed, -1 for one that
 * is masked, a fragment or compressed: none of the servers sends such.
 */
ssize_t websocket_read(const char *data, size_t len, websocket_frame *out);

#endif
