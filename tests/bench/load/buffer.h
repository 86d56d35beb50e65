/*
 * tests/bench/load/buffer.h - bytes that grow at the end and are taken from the front.
 *
 * Used by every module of the load generator for what waits to be sent or to be read.
 */
#ifndef LOAD_BUFFER_H
#define LOAD_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty buffer. */
typedef struct {
    char  *data;
    size_t len, cap;
    bool   failed; /* sticky: out of memory, and something is missing */
} buffer;

/* Room for n more bytes behind the last one, or NULL (then failed); add to len what was used. */
char *buffer_room(buffer *b, size_t n);

/* Append; p may not point into b. */
void buffer_add(buffer *b, const void *p, size_t n);
void buffer_addf(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Take the first n bytes away; the memory is kept. */
void buffer_drop(buffer *b, size_t n);

/* Forget all bytes and the failure; the memory is kept. */
void buffer_clear(buffer *b);

void buffer_free(buffer *b);

#endif
