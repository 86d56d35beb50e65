#include "protocol/eio3_payload.h"

#include "protocol/base64.h"
#include "protocol/text_cursor.h"
#include "protocol/utf8.h"

#include <stdint.h>

enum {
    MAX_LENGTH_DIGITS = 20, /* as many as a number of 64 bits has */
    END_OF_LENGTH = 0xFF,   /* in the binary form */
    BYTES_OF_TEXT = 0,      /* its first byte: a text packet follows */
    BYTES_OF_BINARY = 1,
};

/* --- Decoding. --- */

void
sio_eio3_payload_begin(sio_eio3_payload_iter *it, sio_eio3_form form, sio_view body,
                       unsigned max_packets)
{
    *it = (sio_eio3_payload_iter){.rest = body, .form = form, .n_left = max_packets};
    it->done = form == SIO_EIO3_BYTES && body.len == 0;
}

/* "<length>:" and so many units behind it. */
static bool
take_units(sio_view *rest, sio_view *packet)
{
    const sio_view digits = take_digits(rest);
    size_t         units;

    if (digits.len == 0 || !take_char(rest, ':'))
        return false;
    units = number_of(digits, rest->len); /* a unit takes a byte at least */
    if (units > rest->len)
        return false;
    *packet = take_n(rest, sio_utf8_skip_units(*rest, units));
    return sio_utf8_utf16_units(*packet) == units; /* and not half a character */
}

static int
next_of_text(sio_eio3_payload_iter *it, sio_eio_packet *out)
{
    sio_view packet = SIO_VIEW("");

    do { /* "0:" is legal and no packet */
        if (!take_units(&it->rest, &packet))
            return SIO_BAD;
    } while (packet.len == 0 && it->rest.len > 0);
    if (packet.len == 0)
        return 0;
    return sio_eio_packet_decode_text(SIO_EIO3, packet, out) == SIO_OK ? 1 : SIO_BAD;
}

/* The length, whose digits are bytes 0 to 9, and so many bytes behind it. */
static bool
take_bytes(sio_view *rest, sio_view *packet)
{
    char   digits[MAX_LENGTH_DIGITS];
    size_t n = 0, len;

    while (n < rest->len && n < sizeof digits && (unsigned char)rest->data[n] <= 9) {
        digits[n] = (char)('0' + rest->data[n]);
        n++;
    }
    take_n(rest, n);
    if (n == 0 || !take_char(rest, (char)END_OF_LENGTH))
        return false;
    len = number_of((sio_view){digits, n}, rest->len);
    if (len > rest->len)
        return false;
    *packet = take_n(rest, len);
    return true;
}

static int
next_of_bytes(sio_eio3_payload_iter *it, sio_eio_packet *out)
{
    const bool is_text = take_char(&it->rest, BYTES_OF_TEXT);
    sio_view   packet;
    int        rc;

    if (!is_text && !take_char(&it->rest, BYTES_OF_BINARY))
        return SIO_BAD;
    if (!take_bytes(&it->rest, &packet) || (is_text && !sio_utf8_valid(packet)))
        return SIO_BAD;
    rc = is_text ? sio_eio_packet_decode_text(SIO_EIO3, packet, out)
                 : sio_eio_packet_decode_bytes(SIO_EIO3, packet, out);
    return rc == SIO_OK ? 1 : SIO_BAD;
}

int
sio_eio3_payload_next(sio_eio3_payload_iter *it, sio_eio_packet *out)
{
    int result;

    if (it->done)
        return 0;
    if (it->n_left == 0)
        result = SIO_TOO_LARGE;
    else
        result = it->form == SIO_EIO3_TEXT ? next_of_text(it, out) : next_of_bytes(it, out);
    it->n_left--;
    it->done = result != 1 || it->rest.len == 0;
    return result;
}

/* --- Encoding. --- */

/* The units of the packet as text. */
static size_t
text_units(const sio_eio_packet *p)
{
    switch (p->form) {
    case SIO_EIO_BINARY:
        return 2 + sio_base64_len(p->data.len);
    case SIO_EIO_BASE64:
        return 2 + sio_utf8_utf16_units(p->data);
    case SIO_EIO_TEXT:
        break;
    }
    return 1 + sio_utf8_utf16_units(p->data);
}

static void
add_length_bytes(sio_buf *out, size_t len)
{
    char   digits[MAX_LENGTH_DIGITS];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)(len % 10);
        len /= 10;
    } while (len != 0);
    sio_buf_add(out, digits + at, sizeof digits - at);
    sio_buf_add_char(out, (char)END_OF_LENGTH);
}

/* Base64, should there be some, stays what it is: a text packet that begins with 'b'. */
static void
payload_add_bytes(sio_buf *out, const sio_eio_packet *p)
{
    const size_t head = p->form == SIO_EIO_BASE64 ? 2 : 1;

    sio_buf_add_char(out, p->form == SIO_EIO_BINARY ? BYTES_OF_BINARY : BYTES_OF_TEXT);
    add_length_bytes(out, head + p->data.len);
    sio_eio_packet_encode(SIO_EIO3, p, out);
}

void
sio_eio3_payload_add(sio_buf *out, sio_eio3_form form, const sio_eio_packet *p)
{
    if (form == SIO_EIO3_BYTES) {
        payload_add_bytes(out, p);
        return;
    }
    sio_buf_add_u64(out, text_units(p));
    sio_buf_add_char(out, ':');
    sio_eio_packet_encode_text(SIO_EIO3, p, out);
}
