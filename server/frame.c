#include "server/frame.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/ws_frame.h"

struct sio_frame {
    sio_frame *next; /* of the chain; owned */
    uint32_t   refs;
    uint8_t    header_len;
    bool       is_binary;
    size_t     len;
    char       bytes[]; /* room for the largest header, ended by the header; then the message */
};

static const char *
message_of(const sio_frame *f)
{
    return f->bytes + SIO_WS_MAX_SERVER_HEADER;
}

sio_frame *
sio_frame_new(sio_view message, bool is_binary)
{
    uint8_t    header[SIO_WS_MAX_SERVER_HEADER];
    sio_frame *f = malloc(sizeof *f + SIO_WS_MAX_SERVER_HEADER + message.len);

    if (f == NULL)
        return NULL;
    f->next = NULL;
    f->refs = 1;
    f->is_binary = is_binary;
    f->header_len =
        (uint8_t)sio_ws_header_encode(header, is_binary ? SIO_WS_BINARY : SIO_WS_TEXT, message.len);
    f->len = message.len;
    memcpy(f->bytes + SIO_WS_MAX_SERVER_HEADER - f->header_len, header, f->header_len);
    if (message.len > 0)
        memcpy(f->bytes + SIO_WS_MAX_SERVER_HEADER, message.data, message.len);
    return f;
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

        free(f);
        f = next;
    }
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
