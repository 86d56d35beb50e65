#include "protocol/msgpack.h"

#include <math.h>
#include <string.h>

/* --- Reading. --- */

static size_t
bytes_left(const sio_msgpack_reader *r)
{
    return (size_t)(r->end - r->p);
}

/* A number of n bytes, the high ones first; the caller knows that they are there. */
static uint64_t
take_big_endian(sio_msgpack_reader *r, unsigned n)
{
    uint64_t value = 0;

    while (n-- > 0)
        value = value << 8 | (unsigned char)*r->p++;
    return value;
}

static bool
read_whole(sio_msgpack_reader *r, unsigned n_bytes, sio_msgpack_value *v)
{
    if (bytes_left(r) < n_bytes)
        return false;
    v->kind = SIO_MSGPACK_WHOLE;
    v->whole = take_big_endian(r, n_bytes);
    return true;
}

static void
set_signed(sio_msgpack_value *v, int64_t value)
{
    v->kind = value < 0 ? SIO_MSGPACK_NEGATIVE : SIO_MSGPACK_WHOLE;
    v->negative = value;
    v->whole = (uint64_t)value;
}

static bool
read_signed(sio_msgpack_reader *r, unsigned n_bytes, sio_msgpack_value *v)
{
    const unsigned shift = 64 - 8 * n_bytes;

    if (bytes_left(r) < n_bytes)
        return false;
    set_signed(v, (int64_t)(take_big_endian(r, n_bytes) << shift) >> shift);
    return true;
}

static double
take_double(sio_msgpack_reader *r)
{
    const uint64_t bits = take_big_endian(r, 8);
    double         value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static float
take_float(sio_msgpack_reader *r)
{
    const uint32_t bits = (uint32_t)take_big_endian(r, 4);
    float          value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool
read_float(sio_msgpack_reader *r, unsigned n_bytes, sio_msgpack_value *v)
{
    if (bytes_left(r) < n_bytes)
        return false;
    v->kind = SIO_MSGPACK_FLOAT;
    v->number = n_bytes == 8 ? take_double(r) : (double)take_float(r);
    return true;
}

/* The length of something, in so many bytes. */
static bool
read_length(sio_msgpack_reader *r, unsigned n_bytes, size_t *len)
{
    if (bytes_left(r) < n_bytes)
        return false;
    *len = (size_t)take_big_endian(r, n_bytes);
    return true;
}

static bool
read_run(sio_msgpack_reader *r, sio_msgpack_kind kind, size_t len, sio_msgpack_value *v)
{
    if (len > bytes_left(r))
        return false;
    v->kind = kind;
    v->bytes = (sio_view){r->p, len};
    r->p += len;
    return true;
}

static bool
read_long_run(sio_msgpack_reader *r, sio_msgpack_kind kind, unsigned n_bytes, sio_msgpack_value *v)
{
    size_t len;

    return read_length(r, n_bytes, &len) && read_run(r, kind, len, v);
}

/* Each element has a byte at least, and each key one more. */
static bool
read_list(sio_msgpack_reader *r, sio_msgpack_kind kind, size_t n, sio_msgpack_value *v)
{
    if (n > bytes_left(r) / (kind == SIO_MSGPACK_MAP ? 2 : 1))
        return false;
    v->kind = kind;
    v->n = (uint32_t)n;
    return true;
}

static bool
read_long_list(sio_msgpack_reader *r, sio_msgpack_kind kind, unsigned n_bytes, sio_msgpack_value *v)
{
    size_t n;

    return read_length(r, n_bytes, &n) && read_list(r, kind, n, v);
}

/* --- Extensions. --- */

enum {
    EXT_NOTEPACK = 0,   /* of its versions 1 and 2 */
    EXT_LITE_DATE = 13, /* of msgpack-lite */
    EXT_TIME = 0xff     /* -1, the one of the standard */
};

/* What a Date of JavaScript can be; beyond that it is none, and null as JSON. */
static bool
set_time(sio_msgpack_value *v, double ms)
{
    const double limit = 8.64e15;

    v->kind = SIO_MSGPACK_NIL;
    if (!(ms >= -limit && ms <= limit))
        return true;
    v->kind = SIO_MSGPACK_TIME;
    v->negative = (int64_t)floor(ms);
    return true;
}

/* The timestamp of the standard: seconds, and nanoseconds within one. */
static bool
read_standard_time(sio_msgpack_reader *r, size_t len, sio_msgpack_value *v)
{
    double   ns;
    uint64_t both;

    switch (len) {
    case 4:
        return set_time(v, 1000. * (double)take_big_endian(r, 4));
    case 8:
        both = take_big_endian(r, 8);
        ns = (double)(both >> 34);
        return set_time(v, 1000. * (double)(both & ((1ull << 34) - 1)) + floor(ns / 1e6));
    case 12:
        ns = (double)take_big_endian(r, 4);
        return set_time(v, 1000. * (double)(int64_t)take_big_endian(r, 8) + floor(ns / 1e6));
    default:
        return false;
    }
}

/* Of one length it is undefined, of another a time, when these come as fixed extensions. */
static bool
read_notepack(sio_msgpack_reader *r, size_t len, bool is_fixed, sio_msgpack_value *v)
{
    if (!is_fixed)
        return read_run(r, SIO_MSGPACK_BYTES, len, v);
    if (len == 8)
        return set_time(v, (double)(int64_t)take_big_endian(r, 8));
    v->kind = SIO_MSGPACK_UNDEFINED;
    return len == 1 && take_big_endian(r, 1) == 0;
}

static bool
read_extension(sio_msgpack_reader *r, size_t len, bool is_fixed, sio_msgpack_value *v)
{
    unsigned char type;

    if (bytes_left(r) < 1 || bytes_left(r) - 1 < len)
        return false;
    type = (unsigned char)*r->p++;
    if (type == EXT_TIME)
        return read_standard_time(r, len, v);
    if (type == EXT_NOTEPACK)
        return read_notepack(r, len, is_fixed, v);
    return type == EXT_LITE_DATE && len == 9 && (unsigned char)*r->p++ == 0xcb &&
           set_time(v, take_double(r));
}

static bool
read_long_extension(sio_msgpack_reader *r, unsigned n_bytes, sio_msgpack_value *v)
{
    size_t len;

    return read_length(r, n_bytes, &len) && read_extension(r, len, false, v);
}

/* --- All of them. --- */

/* True: in that dialect the byte means something else. */
static bool
read_js(sio_msgpack_reader *r, unsigned char head, sio_msgpack_value *v, bool *ok)
{
    if (head == 0xc4) {
        v->kind = SIO_MSGPACK_UNDEFINED;
        *ok = true;
        return true;
    }
    if (head != 0xd8 && head != 0xd9)
        return false;
    *ok = read_long_run(r, SIO_MSGPACK_BYTES, head == 0xd8 ? 2 : 4, v);
    return true;
}

/* c0 to df */
static bool
read_with_head(sio_msgpack_reader *r, unsigned char head, sio_msgpack_value *v)
{
    switch (head) {
    case 0xc0:
        v->kind = SIO_MSGPACK_NIL;
        return true;
    case 0xc2:
    case 0xc3:
        v->kind = head == 0xc3 ? SIO_MSGPACK_TRUE : SIO_MSGPACK_FALSE;
        return true;
    case 0xc4:
    case 0xc5:
    case 0xc6:
        return read_long_run(r, SIO_MSGPACK_BYTES, 1u << (head - 0xc4), v);
    case 0xc7:
    case 0xc8:
    case 0xc9:
        return read_long_extension(r, 1u << (head - 0xc7), v);
    case 0xca:
    case 0xcb:
        return read_float(r, head == 0xcb ? 8 : 4, v);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        return read_whole(r, 1u << (head - 0xcc), v);
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return read_signed(r, 1u << (head - 0xd0), v);
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
        return read_extension(r, (size_t)1 << (head - 0xd4), true, v);
    case 0xd9:
    case 0xda:
    case 0xdb:
        return read_long_run(r, SIO_MSGPACK_TEXT, 1u << (head - 0xd9), v);
    case 0xdc:
    case 0xdd:
        return read_long_list(r, SIO_MSGPACK_ARRAY, head == 0xdc ? 2 : 4, v);
    case 0xde:
    case 0xdf:
        return read_long_list(r, SIO_MSGPACK_MAP, head == 0xde ? 2 : 4, v);
    default: /* c1 is never used */
        return false;
    }
}

bool
sio_msgpack_read(sio_msgpack_reader *r, sio_msgpack_value *v)
{
    unsigned char head;
    bool          ok;

    *v = (sio_msgpack_value){.kind = SIO_MSGPACK_NIL};
    if (r->p == r->end)
        return false;
    head = (unsigned char)*r->p++;
    if (head < 0x80 || head >= 0xe0) {
        set_signed(v, (signed char)head);
        return true;
    }
    if (head < 0x90)
        return read_list(r, SIO_MSGPACK_MAP, head & 0x0f, v);
    if (head < 0xa0)
        return read_list(r, SIO_MSGPACK_ARRAY, head & 0x0f, v);
    if (head < 0xc0)
        return read_run(r, SIO_MSGPACK_TEXT, head & 0x1f, v);
    if (r->dialect == SIO_MSGPACK_JS && read_js(r, head, v, &ok))
        return ok;
    return read_with_head(r, head, v);
}

/* --- Writing. --- */

static void
add_big_endian(sio_buf *out, unsigned char head, uint64_t value, unsigned n_bytes)
{
    unsigned char bytes[9] = {head};

    for (unsigned i = 0; i < n_bytes; i++)
        bytes[n_bytes - i] = (unsigned char)(value >> (8 * i));
    sio_buf_add(out, bytes, n_bytes + 1);
}

void
sio_msgpack_add_nil(sio_buf *out)
{
    sio_buf_add_char(out, (char)0xc0);
}

void
sio_msgpack_add_bool(sio_buf *out, bool is_true)
{
    sio_buf_add_char(out, (char)(is_true ? 0xc3 : 0xc2));
}

void
sio_msgpack_add_whole(sio_buf *out, uint64_t n)
{
    if (n < 0x80)
        sio_buf_add_char(out, (char)n);
    else if (n <= UINT8_MAX)
        add_big_endian(out, 0xcc, n, 1);
    else if (n <= UINT16_MAX)
        add_big_endian(out, 0xcd, n, 2);
    else if (n <= UINT32_MAX)
        add_big_endian(out, 0xce, n, 4);
    else
        add_big_endian(out, 0xcf, n, 8);
}

static void
add_negative(sio_buf *out, int64_t n)
{
    if (n >= -32)
        sio_buf_add_char(out, (char)n);
    else if (n >= INT8_MIN)
        add_big_endian(out, 0xd0, (uint64_t)n, 1);
    else if (n >= INT16_MIN)
        add_big_endian(out, 0xd1, (uint64_t)n, 2);
    else if (n >= INT32_MIN)
        add_big_endian(out, 0xd2, (uint64_t)n, 4);
    else
        add_big_endian(out, 0xd3, (uint64_t)n, 8);
}

void
sio_msgpack_add_number(sio_buf *out, double number)
{
    const double two_to_63 = 9223372036854775808.;
    uint64_t     bits;

    if (number == floor(number) && number >= 0 && number < 2 * two_to_63) {
        sio_msgpack_add_whole(out, (uint64_t)number);
    } else if (number == floor(number) && number < 0 && number >= -two_to_63) {
        add_negative(out, (int64_t)number);
    } else {
        memcpy(&bits, &number, sizeof bits);
        add_big_endian(out, 0xcb, bits, 8);
    }
}

/* A head for lengths of 8 bits (0: there is none), 16 and 32. */
static void
add_length(sio_buf *out, size_t len, unsigned char head8, unsigned char head16,
           unsigned char head32)
{
    if (len <= UINT8_MAX && head8 != 0)
        add_big_endian(out, head8, len, 1);
    else if (len <= UINT16_MAX)
        add_big_endian(out, head16, len, 2);
    else
        add_big_endian(out, head32, len, 4);
}

void
sio_msgpack_add_text(sio_buf *out, sio_view text)
{
    if (text.len < 32)
        sio_buf_add_char(out, (char)(0xa0 | text.len));
    else
        add_length(out, text.len, 0xd9, 0xda, 0xdb);
    sio_buf_add_view(out, text);
}

void
sio_msgpack_add_bytes(sio_buf *out, sio_view bytes)
{
    add_length(out, bytes.len, 0xc4, 0xc5, 0xc6);
    sio_buf_add_view(out, bytes);
}

void
sio_msgpack_add_array(sio_buf *out, uint32_t n)
{
    if (n < 16)
        sio_buf_add_char(out, (char)(0x90 | n));
    else
        add_length(out, n, 0, 0xdc, 0xdd);
}

void
sio_msgpack_add_map(sio_buf *out, uint32_t n)
{
    if (n < 16)
        sio_buf_add_char(out, (char)(0x80 | n));
    else
        add_length(out, n, 0, 0xde, 0xdf);
}
