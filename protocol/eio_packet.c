#include "protocol/eio_packet.h"

#include "protocol/base64.h"
#include "protocol/text_cursor.h"

/* --- Decoding. --- */

/* Take the type, which is `zero` plus its number. */
static bool
take_type(sio_view *rest, char zero, sio_eio_type *type)
{
    const int n = rest->len == 0 ? -1 : (unsigned char)rest->data[0] - (unsigned char)zero;

    if (n < SIO_EIO_OPEN || n > SIO_EIO_NOOP)
        return false;
    *type = (sio_eio_type)n;
    take_n(rest, 1);
    return true;
}

/* The same in front of bytes; without a type they say nothing. */
static sio_eio_type
take_type_of_bytes(sio_eio_revision revision, sio_view *rest, char zero)
{
    sio_eio_type type = SIO_EIO_NOOP;

    if (revision == SIO_EIO4)
        return SIO_EIO_MESSAGE;
    if (!take_type(rest, zero, &type))
        take_n(rest, rest->len);
    return type;
}

/* Behind the 'b'. */
static int
decode_base64(sio_eio_revision revision, sio_view rest, sio_eio_packet *out)
{
    const sio_eio_type type = take_type_of_bytes(revision, &rest, '0');

    *out = (sio_eio_packet){type, SIO_EIO_BASE64, rest};
    return SIO_OK;
}

int
sio_eio_packet_decode_text(sio_eio_revision revision, sio_view text, sio_eio_packet *out)
{
    sio_view     rest = text;
    sio_eio_type type;

    if (take_char(&rest, 'b'))
        return decode_base64(revision, rest, out);
    if (!take_type(&rest, '0', &type))
        return SIO_BAD;
    *out = (sio_eio_packet){type, SIO_EIO_TEXT, rest};
    return SIO_OK;
}

int
sio_eio_packet_decode_bytes(sio_eio_revision revision, sio_view bytes, sio_eio_packet *out)
{
    sio_view           rest = bytes;
    const sio_eio_type type = take_type_of_bytes(revision, &rest, '\0');

    *out = (sio_eio_packet){type, SIO_EIO_BINARY, rest};
    return SIO_OK;
}

/* --- Encoding. --- */

static char
type_digit(const sio_eio_packet *p)
{
    return (char)('0' + p->type);
}

void
sio_eio_packet_encode_text(sio_eio_revision revision, const sio_eio_packet *p, sio_buf *out)
{
    if (p->form != SIO_EIO_TEXT)
        sio_buf_add_char(out, 'b');
    if (p->form == SIO_EIO_TEXT || revision == SIO_EIO3)
        sio_buf_add_char(out, type_digit(p));
    if (p->form == SIO_EIO_BINARY)
        sio_base64_encode(p->data, out);
    else
        sio_buf_add_view(out, p->data);
}

void
sio_eio_packet_encode(sio_eio_revision revision, const sio_eio_packet *p, sio_buf *out)
{
    if (p->form != SIO_EIO_BINARY) {
        sio_eio_packet_encode_text(revision, p, out);
        return;
    }
    if (revision == SIO_EIO3)
        sio_buf_add_char(out, (char)p->type);
    sio_buf_add_view(out, p->data);
}
