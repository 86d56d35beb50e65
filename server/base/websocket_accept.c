#include "server/base/websocket_accept.h"

#include "protocol/base64.h"
#include "server/base/digest.h"

void
sio_websocket_accept_add(sio_view key, sio_buf *out)
{
    uint8_t digest[SIO_SHA1_BYTES] = {0};
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_view(&text, key);
    sio_buf_add_str(&text, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    if (text.failed || !sio_digest_sha1(sio_buf_view(&text), digest))
        out->failed = true;
    sio_base64_encode((sio_view){(const char *)digest, sizeof digest}, out);
    sio_buf_fini(&text);
}
