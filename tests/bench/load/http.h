/*
 * tests/bench/load/http.h - as much of HTTP/1.1 as a Socket.IO client needs.
 *
 * Called by client.c and polling09.c.
 */
#ifndef LOAD_HTTP_H
#define LOAD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/bench/load/buffer.h"

/* Views into the bytes that were read. */
typedef struct {
    int         status;
    bool        closes; /* the server will close the connection */
    const char *head;
    size_t      head_len;
    const char *body; /* not chunked any more */
    size_t      body_len;
} http_response;

void http_write_get(buffer *b, const char *target, bool keep_alive);
void http_write_post(buffer *b, const char *target, const char *body, size_t len);

/* The request of a websocket; its key is that of the example in RFC 6455, and so is the answer. */
void http_write_upgrade(buffer *b, const char *target);

/*
 * Take a whole response from the front; a chunked body is put together in place.
 * Returns the bytes consumed, 0 when more are needed, -1 when it is none that we understand. A body
 * without Content-Length that is not chunked, and ends with the connection, is not understood.
 */
ssize_t http_read(char *data, size_t len, http_response *out);

/* Does it switch to the websocket that http_write_upgrade() asked for? RFC 6455, section 4.1. */
bool http_is_upgraded(const http_response *response);

#endif
