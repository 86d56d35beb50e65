/*
 * tests/bench/load/buffer.c - see buffer.h.
 */
#include "tests/bench/load/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 256 };

char *
buffer_room(buffer *b, size_t n)
{
    size_t cap = b->cap > 0 ? b->cap : FIRST_SIZE;
    char  *data;

    if (n <= b->cap - b->len)
        return b->data + b->len;
    while (cap - b->len < n)
        cap *= 2;
    if ((data = realloc(b->data, cap)) == NULL) {
        b->failed = true;
        return NULL;
    }
    b->data = data;
    b->cap = cap;
    return data + b->len;
}

void
buffer_add(buffer *b, const void *p, size_t n)
{
    char *room = buffer_room(b, n);

    if (room == NULL || n == 0)
        return;
    memcpy(room, p, n);
    b->len += n;
}

void
buffer_addf(buffer *b, const char *format, ...)
{
    va_list args;
    char   *room;
    int     n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || (room = buffer_room(b, (size_t)n + 1)) == NULL) {
        b->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(room, (size_t)n + 1, format, args);
    va_end(args);
    b->len += (size_t)n;
}

void
buffer_drop(buffer *b, size_t n)
{
    b->len -= n;
    if (b->len > 0 && n > 0)
        memmove(b->data, b->data + n, b->len);
}

void
buffer_clear(buffer *b)
{
    b->len = 0;
    b->failed = false;
}

void
buffer_free(buffer *b)
{
    free(b->data);
    *b = (buffer){0};
}
