#include "server/engine/frame.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/ws_frame.h"

struct sio_frame {
    sio_frame *next; /* of the chain; owned */
    sio_frame
        *deflated; /* what websockets get in its place; owned. NULL: not tried, or not shorter */
    uint32_t refs;
    uint32_t n_queues; /* in which it waits */
    uint8_t  header_len;
    bool     is_binary;
    bool     tried_to_deflate;
    bool     is_plain; /* and never to be compressed */
    size_t   len;
    char     bytes[]; /* room for the largest header, ended by the header; then the message */
};

static const char *
message_of(const sio_frame *f)
{
    return f->bytes + SIO_WS_MAX_SERVER_HEADER;
}

/* reserved: bits for the header, in their place. */
static sio_frame *
frame_new(sio_view message, bool is_binary, unsigned reserved)
{
    const unsigned opcode = is_binary ? SIO_WS_BINARY : SIO_WS_TEXT;
    uint8_t        header[SIO_WS_MAX_SERVER_HEADER];
    sio_frame     *f = malloc(sizeof *f + SIO_WS_MAX_SERVER_HEADER + message.len);

    if (f == NULL)
        return NULL;
    *f = (sio_frame){.refs = 1, .is_binary = is_binary, .len = message.len};
    f->header_len =
        (uint8_t)sio_ws_frame_encode_header(header, (uint8_t)(opcode | reserved), message.len);
    memcpy(f->bytes + SIO_WS_MAX_SERVER_HEADER - f->header_len, header, f->header_len);
    if (message.len > 0)
        memcpy(f->bytes + SIO_WS_MAX_SERVER_HEADER, message.data, message.len);
    return f;
}

sio_frame *
sio_frame_new(sio_view message, bool is_binary)
{
    return frame_new(message, is_binary, 0);
}

void
sio_frame_append(sio_frame *first, sio_frame *next)
{
    while (first->next != NULL)
        first = first->next;
    first->next = next;
}

sio_frame *
sio_frame_next(const sio_frame *f)
{
    return f->next;
}

sio_frame *
sio_frame_ref(sio_frame *f)
{
    f->refs++;
    return f;
}

void
sio_frame_unref(sio_frame *f)
{
    while (f != NULL && --f->refs == 0) {
        sio_frame *next = f->next;

        free(f->deflated);
        free(f);
        f = next;
    }
}

static size_t
size_of(const sio_frame *f)
{
    return SIO_FRAME_BYTES + f->len;
}

size_t
sio_frame_await(sio_frame *f, sio_budget *budget)
{
    f->refs++;
    if (f->n_queues++ == 0)
        sio_budget_await(budget, size_of(f));
    return f->len;
}

size_t
sio_frame_sent(sio_frame *f, sio_budget *budget)
{
    const size_t len = f->len;

    if (--f->n_queues == 0)
        sio_budget_sent(budget, size_of(f));
    if (f->refs > 1)
        f->refs--;
    else
        sio_frame_unref(f);
    return len;
}

size_t
sio_frame_share(const sio_frame *f)
{
    return size_of(f) / f->n_queues;
}

void
sio_frame_keep_plain(sio_frame *first)
{
    for (; first != NULL; first = first->next)
        first->tried_to_deflate = first->is_plain = true;
}

bool
sio_frame_is_plain(const sio_frame *f)
{
    return f->is_plain;
}

sio_view
sio_frame_message(const sio_frame *f)
{
    return (sio_view){message_of(f), f->len};
}

bool
sio_frame_is_binary(const sio_frame *f)
{
    return f->is_binary;
}

sio_view
sio_frame_websocket(const sio_frame *f)
{
    return (sio_view){message_of(f) - f->header_len, f->header_len + f->len};
}

/* NULL when it would not be shorter, or out of memory: it goes as it is. */
static sio_frame *
deflated_frame(const sio_frame *f, sio_ws_deflate *z)
{
    sio_frame *deflated = NULL;
    sio_buf    payload;

    sio_buf_init(&payload, SIZE_MAX);
    if (sio_ws_deflate_message(z, sio_frame_message(f), &payload))
        deflated = frame_new(sio_buf_view(&payload), f->is_binary, SIO_WS_RSV1 << SIO_WS_RSV_SHIFT);
    sio_buf_fini(&payload);
    return deflated;
}

sio_view
sio_frame_websocket_deflated(sio_frame *f, sio_ws_deflate *z)
{
    if (!f->tried_to_deflate)
        f->deflated = deflated_frame(f, z);
    f->tried_to_deflate = true;
    return sio_frame_websocket(f->deflated != NULL ? f->deflated : f);
}
