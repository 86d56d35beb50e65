/*
 * tests/bench/load/websocket.c - see websocket.h.
 */
#include "tests/bench/load/websocket.h"

#include <stdbool.h>

enum { FIN = 0x80, MASKED = 0x80, LENGTH_16 = 126, LENGTH_64 = 127, HEADER_MAX = 14 };

/* Any will do where no proxy is to be protected, but zero would spare the servers their work. */
static const unsigned char MASK[4] = {0x4d, 0x61, 0x73, 0x6b};

static size_t
write_header(unsigned char *to, int opcode, size_t len)
{
    const unsigned bytes = len < LENGTH_16 ? 0 : len <= UINT16_MAX ? 2 : 8;
    size_t         n = 0;

    to[n++] = (unsigned char)(FIN | opcode);
    to[n++] = (unsigned char)(MASKED | (bytes == 0   ? len
                                        : bytes == 2 ? (size_t)LENGTH_16
                                                     : (size_t)LENGTH_64));
    for (unsigned i = bytes; i-- > 0;)
        to[n++] = (unsigned char)((uint64_t)len >> (8 * i));
    for (unsigned i = 0; i < sizeof MASK; i++)
        to[n++] = MASK[i];
    return n;
}

void
websocket_write(buffer *b, int opcode, const char *data, size_t len)
{
    char  *to = buffer_room(b, HEADER_MAX + len);
    size_t header;

    if (to == NULL)
        return;
    header = write_header((unsigned char *)to, opcode, len);
    for (size_t i = 0; i < len; i++)
        to[header + i] = (char)((unsigned char)data[i] ^ MASK[i % sizeof MASK]);
    b->len += header + len;
}

ssize_t
websocket_read(const char *data, size_t len, websocket_frame *out)
{
    const unsigned char *p = (const unsigned char *)data;
    uint64_t             size;
    unsigned             header = 2;

    if (len < header)
        return 0;
    if ((p[0] & 0xf0) != FIN || (p[0] & 0x0f) == 0 || (p[1] & MASKED))
        return -1;
    size = p[1];
    if (size >= LENGTH_16)
        header += size == LENGTH_16 ? 2 : 8;
    if (len < header)
        return 0;
    if (size >= LENGTH_16) {
        size = 0;
        for (unsigned i = 2; i < header; i++)
            size = size << 8 | p[i];
    }
    if (size > len - header)
        return 0;
    *out = (websocket_frame){p[0] & 0x0f, data + header, (size_t)size};
    return (ssize_t)(header + size);
}
