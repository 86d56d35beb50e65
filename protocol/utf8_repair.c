#include "protocol/utf8_repair.h"

#include "protocol/utf8.h"

/* Only U+0000 to U+00FF, and not only ASCII? Those above ASCII begin with C2 or C3. */
static bool
is_latin1(sio_view text)
{
    bool above_ascii = false;

    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.data[i];

        if (c > 0xC3)
            return false;
        above_ascii = above_ascii || c >= 0x80;
    }
    return above_ascii;
}

bool
sio_utf8_repair_doubled(sio_view valid_utf8, sio_buf *out)
{
    const size_t before = out->len;

    if (!is_latin1(valid_utf8))
        return false;
    for (size_t i = 0; i < valid_utf8.len; i++) {
        const unsigned char c = (unsigned char)valid_utf8.data[i];

        if (c < 0x80 || i + 1 == valid_utf8.len)
            sio_buf_add_char(out, (char)c);
        else
            sio_buf_add_char(out, (char)((c & 3) << 6 | (valid_utf8.data[++i] & 0x3F)));
    }
    if (out->len > before && sio_utf8_valid((sio_view){out->data + before, out->len - before}))
        return true;
    out->len = before;
    return false;
}

void
sio_utf8_repair(sio_view text, sio_buf *out)
{
    while (text.len > 0) {
        const size_t n = sio_utf8_valid_len(text);

        sio_buf_add(out, text.data, n);
        text = (sio_view){text.data + n, text.len - n};
        if (text.len > 0) {
            const size_t bad = (size_t)-sio_utf8_step(text.data, text.data + text.len);

            sio_buf_add_view(out, SIO_UTF8_REPLACEMENT);
            text = (sio_view){text.data + bad, text.len - bad};
        }
    }
}
