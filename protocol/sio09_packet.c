#include "protocol/sio09_packet.h"

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/simd.h"
#include "protocol/text_cursor.h"

/* --- Decoding. --- */

sio09_packet
sio09_packet_of(sio09_type type)
{
    return (sio09_packet){.type = type, .reason = SIO09_REASON_NONE, .advice = SIO09_ADVICE_NONE};
}

/* The value of a lone digit below limit, or -1 (NONE of reasons and advice). */
static int
digit_below(sio_view text, int limit)
{
    const int value = text.len == 1 ? text.data[0] - '0' : -1;

    return value >= 0 && value < limit ? value : -1;
}

/* Everything in front of the data. */
static bool
decode_head(sio_view *rest, sio09_packet *p)
{
    const int type = digit_below(take_until(rest, ':'), SIO09_NOOP + 1);
    bool      plus;

    if (type < 0)
        return false;
    *p = sio09_packet_of((sio09_type)type);
    p->id = take_digits(rest);
    plus = take_char(rest, '+');
    if (p->id.len > 0) /* a '+' without id says nothing, and does no harm */
        p->ack = plus ? SIO_ACK_DATA : SIO_ACK_AUTO;
    if (!take_char(rest, ':'))
        return false;
    p->endpoint = take_until(rest, ':');
    return true;
}

static bool
is_empty_array(sio_view json)
{
    return sio_json_read_kind_of(json) == SIO_JSON_ARRAY && json.len >= 2 &&
           sio_json_read_trim((sio_view){json.data + 1, json.len - 2}).len == 0;
}

static void
set_args(sio09_packet *p, sio_view value)
{
    if (is_empty_array(value))
        return;
    p->args = value;
    p->args_is_array = sio_json_read_kind_of(value) == SIO_JSON_ARRAY;
}

static int
decode_json(sio_view data, unsigned max_depth, sio09_packet *p)
{
    const int rc = sio_json_validate(data, max_depth);

    if (rc == SIO_TOO_LARGE)
        return rc;
    p->data_ok = rc == SIO_OK;
    if (p->data_ok)
        p->data = sio_json_read_trim(data);
    return SIO_OK;
}

/* The usual values that JavaScript's `args || []` takes for no arguments. */
static bool
is_falsy(sio_view value)
{
    return sio_view_eq(value, SIO_VIEW("null")) || sio_view_eq(value, SIO_VIEW("false")) ||
           sio_view_eq(value, SIO_VIEW("0")) || sio_view_eq(value, SIO_VIEW("\"\""));
}

static int
decode_event(sio_view data, unsigned max_depth, sio09_packet *p)
{
    sio_json_field f[] = {{.name = SIO_VIEW("name")}, {.name = SIO_VIEW("args")}};
    const int      rc = sio_json_pick(data, max_depth, f, sizeof f / sizeof f[0]);

    if (rc == SIO_TOO_LARGE)
        return rc;
    if (sio_json_read_kind_of(f[0].value) == SIO_JSON_STRING)
        p->name = f[0].value;
    if (!is_falsy(f[1].value))
        set_args(p, f[1].value);
    return SIO_OK;
}

/* What follows the id need not have the '+', and is nothing unless it is an array. */
static int
decode_ack(sio_view data, unsigned max_depth, sio09_packet *p)
{
    int rc;

    p->ack_id = take_digits(&data);
    if (p->ack_id.len == 0)
        return SIO_OK;
    take_char(&data, '+');
    rc = sio_json_validate(data, max_depth);
    if (rc == SIO_TOO_LARGE)
        return rc;
    if (rc == SIO_OK && sio_json_read_kind_of(data) == SIO_JSON_ARRAY)
        set_args(p, sio_json_read_trim(data));
    return SIO_OK;
}

static void
decode_error(sio_view data, sio09_packet *p)
{
    p->reason = (sio09_reason)digit_below(take_until(&data, '+'), SIO09_UNAUTHORIZED + 1);
    p->advice = (sio09_advice)digit_below(take_until(&data, '+'), SIO09_RECONNECT + 1);
}

int
sio09_packet_decode(sio_view text, unsigned max_depth, sio09_packet *out)
{
    sio_view rest = text;

    if (!decode_head(&rest, out))
        return SIO_BAD;
    switch (out->type) {
    case SIO09_CONNECT:
    case SIO09_MESSAGE:
        out->data = rest;
        return SIO_OK;
    case SIO09_JSON:
        return decode_json(rest, max_depth, out);
    case SIO09_EVENT:
        return decode_event(rest, max_depth, out);
    case SIO09_ACK:
        return decode_ack(rest, max_depth, out);
    case SIO09_ERROR:
        decode_error(rest, out);
        return SIO_OK;
    case SIO09_DISCONNECT:
    case SIO09_HEARTBEAT:
    case SIO09_NOOP:
        break; /* data has no meaning here */
    }
    return SIO_OK;
}

/* --- Encoding. --- */

static void
encode_data(sio_view data, sio_buf *out)
{
    if (data.len == 0)
        return;
    sio_buf_add_char(out, ':');
    sio_buf_add_view(out, data);
}

static bool
has_args(const sio09_packet *p)
{
    return p->args.len > 0 && !is_empty_array(p->args);
}

static void
encode_event(const sio09_packet *p, sio_buf *out)
{
    sio_buf_add_str(out, ":{");
    if (p->name.len > 0) {
        sio_buf_add_str(out, "\"name\":");
        sio_buf_add_view(out, p->name);
    }
    if (has_args(p)) {
        sio_buf_add_str(out, p->name.len > 0 ? ",\"args\":" : "\"args\":");
        sio_buf_add_view(out, p->args);
    }
    sio_buf_add_char(out, '}');
}

/* In which lanes at p may something begin that JavaScript takes for a line end? */
static lanes
line_end_lanes(const char *p)
{
    const lanes c = lanes_at(p);

    return (c == lanes_of('\n')) | (c == lanes_of('\r')) | (c == lanes_of('\xE2'));
}

static bool
is_inline_block(const char *p)
{
    const char *const half = p + LANES_BLOCK / 2;

    return lanes_none(line_end_lanes(p) | line_end_lanes(p + LANES) | line_end_lanes(half) |
                      line_end_lanes(half + LANES));
}

/* The first byte that may begin a line end, or end. */
static const char *
skip_inline(const char *p, const char *end)
{
    while (end - p >= LANES_BLOCK && is_inline_block(p))
        p += LANES_BLOCK;
    while (end - p >= LANES && lanes_none(line_end_lanes(p)))
        p += LANES;
    while (p != end && *p != '\n' && *p != '\r' && *p != '\xE2')
        p++;
    return p;
}

/*
 * Append JSON without anything that JavaScript takes for a line end. Line feed
 * and carriage return can only be white space between values; U+2028 and U+2029
 * (E2 80 A8, E2 80 A9) can only be inside a string.
 */
static void
add_one_line(sio_view json, sio_buf *out)
{
    const char *const end = json.data + json.len;
    const char       *run = json.data; /* first byte not yet appended */

    for (const char *p = skip_inline(run, end); p != end; p = skip_inline(p + 1, end)) {
        const bool separator =
            *p == '\xE2' && end - p >= 3 && p[1] == '\x80' && (p[2] == '\xA8' || p[2] == '\xA9');

        if (*p == '\xE2' && !separator)
            continue;
        sio_buf_add(out, run, (size_t)(p - run));
        if (separator) {
            sio_buf_add_str(out, p[2] == '\xA8' ? "\\u2028" : "\\u2029");
            p += 2;
        } else {
            sio_buf_add_char(out, ' ');
        }
        run = p + 1;
    }
    sio_buf_add(out, run, (size_t)(end - run));
}

static void
encode_ack(const sio09_packet *p, sio_buf *out)
{
    if (p->ack_id.len == 0)
        return;
    sio_buf_add_char(out, ':');
    sio_buf_add_view(out, p->ack_id);
    if (has_args(p)) {
        sio_buf_add_char(out, '+');
        add_one_line(p->args, out);
    }
}

static void
encode_error(const sio09_packet *p, sio_buf *out)
{
    if (p->reason == SIO09_REASON_NONE && p->advice == SIO09_ADVICE_NONE)
        return;
    sio_buf_add_char(out, ':');
    if (p->reason != SIO09_REASON_NONE)
        sio_buf_add_u64(out, (uint64_t)p->reason);
    if (p->advice != SIO09_ADVICE_NONE) {
        sio_buf_add_char(out, '+');
        sio_buf_add_u64(out, (uint64_t)p->advice);
    }
}

static void
encode_head(const sio09_packet *p, sio_buf *out)
{
    sio_buf_add_u64(out, (uint64_t)p->type);
    sio_buf_add_char(out, ':');
    if (p->ack != SIO_ACK_NONE)
        sio_buf_add_view(out, p->id);
    if (p->ack == SIO_ACK_DATA)
        sio_buf_add_char(out, '+');
    sio_buf_add_char(out, ':');
    sio_buf_add_view(out, p->endpoint);
}

void
sio09_packet_encode(const sio09_packet *p, sio_buf *out)
{
    encode_head(p, out);
    switch (p->type) {
    case SIO09_CONNECT:
    case SIO09_MESSAGE:
    case SIO09_JSON:
        encode_data(p->data, out);
        break;
    case SIO09_EVENT:
        encode_event(p, out);
        break;
    case SIO09_ACK:
        encode_ack(p, out);
        break;
    case SIO09_ERROR:
        encode_error(p, out);
        break;
    case SIO09_DISCONNECT:
    case SIO09_HEARTBEAT:
    case SIO09_NOOP:
        break;
    }
}
