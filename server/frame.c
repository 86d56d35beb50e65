#include "server/frame.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/ws_frame.h"

struct sio_frame {
    uint32_t refs;
    uint32_t header_len;
    size_t   text_len;
    char     bytes[]; /* room for the largest header, ended by the header; then the text */
};

static const char *
text_of(const sio_frame *f)
{
    return f->bytes + SIO_WS_MAX_SERVER_HEADER;
}

sio_frame *
sio_frame_new(sio_view packet)
{
    uint8_t    header[SIO_WS_MAX_SERVER_HEADER];
    sio_frame *f = malloc(sizeof *f + SIO_WS_MAX_SERVER_HEADER + packet.len);

    if (f == NULL)
        return NULL;
    f->refs = 1;
    f->header_len = (uint32_t)sio_ws_header_encode(header, SIO_WS_TEXT, packet.len);
    f->text_len = packet.len;
    memcpy(f->bytes + SIO_WS_MAX_SERVER_HEADER - f->header_len, header, f->header_len);
    if (packet.len > 0)
        memcpy(f->bytes + SIO_WS_MAX_SERVER_HEADER, packet.data, packet.len);
    return f;
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
    if (f != NULL && --f->refs == 0)
        free(f);
}

sio_view
sio_frame_text(const sio_frame *f)
{
    return (sio_view){text_of(f), f->text_len};
}

sio_view
sio_frame_websocket(const sio_frame *f)
{
    return (sio_view){text_of(f) - f->header_len, f->header_len + f->text_len};
}
