/*
 * protocol/sio09_target.c - what a raw request target means to Socket.IO 0.9.
 */
#include "protocol/sio09_target.h"

#include <stdint.h>

static sio_view
skip(sio_view v, size_t n)
{
    return (sio_view){v.data + n, v.len - n};
}

static bool
starts_with(sio_view v, char c)
{
    return v.len > 0 && v.data[0] == c;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * The protocol is only ever compared with 0 and 1, so a number is not computed:
 * it is enough to know its non-zero digits and where the last of them stands.
 */
typedef struct {
    size_t  n_digits;   /* digits read, zeros included */
    size_t  n_non_zero; /* at most 2 matters */
    char    last;       /* the last non-zero digit */
    int64_t power;      /* last counts 10^power */
} digits;

static sio_view
read_digits(sio_view v, bool fraction, digits *d)
{
    int64_t place = 0;

    for (; v.len > 0 && is_digit(v.data[0]); v = skip(v, 1)) {
        place--;
        d->n_digits++;
        d->power += !fraction; /* each integer digit lifts the ones before it */
        if (v.data[0] == '0')
            continue;
        d->n_non_zero++;
        d->last = v.data[0];
        d->power = fraction ? place : 0;
    }
    return v;
}

/* After the 'e': an optional sign and digits, to the end. False when it is not that. */
static bool
read_exponent(sio_view v, int64_t *exponent)
{
    const bool    negative = starts_with(v, '-');
    const int64_t enough = INT64_MAX / 20; /* beyond any length of target */
    int64_t       n = 0;

    if (negative || starts_with(v, '+'))
        v = skip(v, 1);
    if (v.len == 0)
        return false;
    for (; v.len > 0 && is_digit(v.data[0]); v = skip(v, 1))
        n = n < enough ? n * 10 + (v.data[0] - '0') : n;
    *exponent = negative ? -n : n;
    return v.len == 0;
}

/* StrDecimalLiteral of ECMAScript. */
static sio09_protocol
decimal_protocol(sio_view v)
{
    const bool negative = starts_with(v, '-');
    digits     d = {0};
    int64_t    exponent = 0;

    if (negative || starts_with(v, '+'))
        v = skip(v, 1);
    if (sio_view_eq(v, SIO_VIEW("Infinity")))
        return SIO09_PROTOCOL_OTHER;
    v = read_digits(v, false, &d);
    if (starts_with(v, '.'))
        v = read_digits(skip(v, 1), true, &d);
    if (d.n_digits == 0)
        return SIO09_PROTOCOL_NONE;
    if (v.len > 0 && ((v.data[0] | 0x20) != 'e' || !read_exponent(skip(v, 1), &exponent)))
        return SIO09_PROTOCOL_NONE;
    if (d.n_non_zero == 0)
        return SIO09_PROTOCOL_NONE;
    if (d.n_non_zero == 1 && d.last == '1' && d.power + exponent == 0 && !negative)
        return SIO09_PROTOCOL_1;
    return SIO09_PROTOCOL_OTHER;
}

/* HexIntegerLiteral of ECMAScript, without its "0x". It takes no sign. */
static sio09_protocol
hex_protocol(sio_view v)
{
    const size_t n = v.len;

    while (starts_with(v, '0'))
        v = skip(v, 1);
    for (size_t i = 0; i < v.len; i++) {
        const char lower = (char)(v.data[i] | 0x20);

        if (!is_digit(v.data[i]) && (lower < 'a' || lower > 'f'))
            return SIO09_PROTOCOL_NONE;
    }
    if (n == 0 || v.len == 0)
        return SIO09_PROTOCOL_NONE;
    return sio_view_eq(v, SIO_VIEW("1")) ? SIO09_PROTOCOL_1 : SIO09_PROTOCOL_OTHER;
}

static sio09_protocol
protocol_of(sio_view segment)
{
    if (segment.len > 2 && segment.data[0] == '0' && (segment.data[1] | 0x20) == 'x')
        return hex_protocol(skip(segment, 2));
    return decimal_protocol(segment);
}

/* Cut a run of bytes other than '/', perhaps none, and the '/' behind it, if there is one. */
static sio_view
take_segment(sio_view *rest)
{
    const char  *slash = rest->len == 0 ? NULL : memchr(rest->data, '/', rest->len);
    const size_t n = slash == NULL ? rest->len : (size_t)(slash - rest->data);
    sio_view     segment = {rest->data, n};

    *rest = skip(*rest, slash == NULL ? n : n + 1);
    return segment;
}

/* All or nothing: a path that does not fit as a whole sets nothing. */
static void
parse_path(sio09_target *t)
{
    sio_view rest, protocol, transport, id;

    if (!starts_with(t->path, '/'))
        return;
    rest = skip(t->path, 1);
    protocol = take_segment(&rest);
    transport = take_segment(&rest);
    id = take_segment(&rest);
    if (protocol.len == 0 || rest.len > 0)
        return;
    t->protocol = protocol_of(protocol);
    t->transport = transport;
    t->id = id;
}

void
sio09_target_parse(sio_view raw_target, sio_view resource, sio09_target *out)
{
    const char *mark;
    sio_view    rest;

    *out = (sio09_target){.matched = false};
    if (raw_target.len < resource.len ||
        !sio_view_eq((sio_view){raw_target.data, resource.len}, resource))
        return;
    out->matched = true;
    rest = skip(raw_target, resource.len);
    mark = rest.len == 0 ? NULL : memchr(rest.data, '?', rest.len);
    out->path = (sio_view){rest.data, mark == NULL ? rest.len : (size_t)(mark - rest.data)};
    if (mark != NULL)
        out->query = skip(rest, out->path.len + 1);
    parse_path(out);
}
