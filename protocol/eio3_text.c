#include "protocol/eio3_text.h"

#include "protocol/simd.h"
#include "protocol/utf8_repair.h"

typedef struct {
    bool above_ascii, above_latin1;
    bool has_c1; /* a control from U+0080 to U+009F */
} characters;

sio_eio3_encoding
sio_eio3_text_encoding_of(sio_eio3_client client, sio_eio3_way way)
{
    switch (client) {
    case SIO_EIO3_CLIENT_1_0:
        return SIO_EIO3_TEXT_TWICE;
    case SIO_EIO3_CLIENT_1_3:
        return way == SIO_EIO3_BY_POLLING ? SIO_EIO3_TEXT_TWICE : SIO_EIO3_TEXT_UNKNOWN;
    case SIO_EIO3_CLIENT_ANY:
        break;
    }
    return way == SIO_EIO3_BY_UPGRADE ? SIO_EIO3_TEXT_ONCE : SIO_EIO3_TEXT_UNKNOWN;
}

/* Where the first byte above ASCII is, or the end. */
static size_t
skip_ascii(sio_view text, size_t at)
{
    while (text.len - at >= LANES && lanes_none(lanes_at(text.data + at) < lanes_of(0)))
        at += LANES;
    while (at < text.len && (unsigned char)text.data[at] < 0x80)
        at++;
    return at;
}

/* What is in valid text, up to a character above U+00FF: all below begin with C2 or C3. */
static characters
look_at(sio_view text)
{
    const unsigned char *const bytes = (const unsigned char *)text.data;
    characters                 c = {.above_ascii = false};

    for (size_t at = skip_ascii(text, 0); at < text.len && !c.above_latin1;
         at = skip_ascii(text, at + 1)) {
        c.above_ascii = true;
        c.above_latin1 = bytes[at] > 0xC3;
        c.has_c1 |= bytes[at] < 0xA0 && at > 0 && bytes[at - 1] == 0xC2;
    }
    return c;
}

bool
sio_eio3_text_undouble(sio_eio3_encoding *e, sio_view text, sio_buf *out)
{
    const size_t before = out->len;
    characters   c;

    if (*e == SIO_EIO3_TEXT_ONCE || !(c = look_at(text)).above_ascii)
        return false;
    if (c.above_latin1 || (!sio_utf8_repair_doubled(text, out) && !out->failed)) {
        /* Half of a surrogate pair, encoded twice, is no UTF-8 either: that takes nothing back. */
        if (c.above_latin1 || *e == SIO_EIO3_TEXT_UNKNOWN)
            *e = SIO_EIO3_TEXT_ONCE;
        return false;
    }
    if (out->failed)
        return false;
    if (c.has_c1)
        *e = SIO_EIO3_TEXT_TWICE;
    if (*e == SIO_EIO3_TEXT_TWICE)
        return true;
    out->len = before;
    return false;
}

void
sio_eio3_text_learn(sio_eio3_encoding *e, sio_view text)
{
    sio_buf unused;

    if (*e != SIO_EIO3_TEXT_UNKNOWN)
        return;
    sio_buf_init(&unused, SIZE_MAX);
    (void)sio_eio3_text_undouble(e, text, &unused);
    sio_buf_fini(&unused);
}
