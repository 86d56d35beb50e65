/*
 * protocol/json_read.c - reading JSON that json.c has found valid: kinds,
 * strings, elements and members. It trusts the grammar, but not for its bounds.
 */
#include "protocol/json_read.h"

#include "protocol/hex.h"
#include "protocol/json_scan.h"
#include "protocol/utf8.h"

sio_view
sio_json_read_trim(sio_view text)
{
    scan s = scan_of(text);

    skip_space(&s);
    while (s.end != s.p && is_space((unsigned char)s.end[-1]))
        s.end--;
    return (sio_view){s.p, (size_t)(s.end - s.p)};
}

sio_view
sio_json_read_elements(sio_view array)
{
    const sio_view v = sio_json_read_trim(array);

    if (v.len < 2 || v.data[0] != '[')
        return (sio_view){v.data, 0};
    return sio_json_read_trim((sio_view){v.data + 1, v.len - 2});
}

sio_json_kind
sio_json_read_kind_of(sio_view value)
{
    scan s = scan_of(value);

    skip_space(&s);
    switch (peek(&s)) {
    case END:
        return SIO_JSON_NONE;
    case 'n':
        return SIO_JSON_NULL;
    case 'f':
        return SIO_JSON_FALSE;
    case 't':
        return SIO_JSON_TRUE;
    case '"':
        return SIO_JSON_STRING;
    case '[':
        return SIO_JSON_ARRAY;
    case '{':
        return SIO_JSON_OBJECT;
    default:
        return SIO_JSON_NUMBER;
    }
}

/* What is between the quotes of a string literal; false when it is not one. */
static bool
string_contents(sio_view literal, scan *contents)
{
    const sio_view v = sio_json_read_trim(literal);

    if (v.len < 2 || v.data[0] != '"' || v.data[v.len - 1] != '"')
        return false;
    *contents = (scan){v.data + 1, v.data + v.len - 1};
    return true;
}

/* The four digits of a \u escape, wherever the text ends. */
static uint32_t
take_hex4(scan *s)
{
    uint32_t unit = 0;

    for (int i = 0; i < 4 && sio_hex_value(peek(s)) >= 0; i++, s->p++)
        unit = unit << 4 | (uint32_t)sio_hex_value(peek(s));
    return unit;
}

/* Behind "\u": one character, from one escape or from the two of a surrogate pair. */
static uint32_t
take_unicode(scan *s)
{
    const uint32_t high = take_hex4(s);

    if (high < 0xD800 || high > 0xDFFF)
        return high;
    if (high < 0xDC00 && s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u') {
        scan           next = {s->p + 2, s->end};
        const uint32_t low = take_hex4(&next);

        if (low >= 0xDC00 && low <= 0xDFFF) {
            *s = next;
            return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return 0xFFFD; /* half a pair means nothing in UTF-8 */
}

/* Take the escape at s->p (a backslash) and write the UTF-8 it stands for; returns its bytes. */
static size_t
take_escape(scan *s, char out[SIO_UTF8_MAX_BYTES])
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char       *at;
    int               c;

    s->p++;
    c = peek(s);
    if (c == END)
        return 0;
    s->p++;
    if (c == 'u')
        return sio_utf8_put(take_unicode(s), out);
    at = c == 0 ? NULL : strchr(letters, c);
    out[0] = at != NULL ? meanings[at - letters] : (char)c;
    return 1;
}

/* Take everything up to the next escape. */
static sio_view
take_unescaped(scan *s)
{
    const size_t      left = (size_t)(s->end - s->p);
    const char *const backslash = left == 0 ? NULL : memchr(s->p, '\\', left);
    const sio_view    run = {s->p, backslash == NULL ? left : (size_t)(backslash - s->p)};

    s->p = sio_view_end(run);
    return run;
}

int
sio_json_read_string(sio_view literal, sio_buf *out)
{
    scan s;
    char utf8[SIO_UTF8_MAX_BYTES];

    if (!string_contents(literal, &s))
        return SIO_BAD;
    for (;;) {
        sio_buf_add_view(out, take_unescaped(&s));
        if (s.p == s.end)
            break;
        sio_buf_add(out, utf8, take_escape(&s, utf8));
    }
    return out->failed ? SIO_TOO_LARGE : SIO_OK;
}

char *
sio_json_read_c_string(sio_view literal)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    if (sio_json_read_string(literal, &text) != SIO_OK)
        text.failed = true;
    return sio_buf_take_c_string(&text);
}

bool
sio_json_read_has_nul(sio_view text)
{
    scan s = scan_of(text);

    for (;;) {
        (void)take_unescaped(&s);
        if (s.end - s.p < 6)
            return false; /* shorter than the escape */
        if (memcmp(s.p, "\\u0000", 6) == 0)
            return true;
        s.p += 2; /* the backslash, and what may be another */
    }
}

/* If text begins with part, take it off. */
static bool
take_prefix(sio_view *text, sio_view part)
{
    if (part.len > text->len || (part.len > 0 && memcmp(text->data, part.data, part.len) != 0))
        return false;
    if (part.len > 0)
        *text = (sio_view){text->data + part.len, text->len - part.len};
    return true;
}

bool
sio_json_read_string_equals(sio_view literal, sio_view utf8)
{
    scan s;
    char c[SIO_UTF8_MAX_BYTES];

    if (literal.len < utf8.len || !string_contents(literal, &s))
        return false; /* no text is longer than its literal */
    if (utf8.len > 0 && peek(&s) != (unsigned char)utf8.data[0] && peek(&s) != '\\')
        return false; /* nearly all that differ do so at once */
    for (;;) {
        size_t n;

        if (!take_prefix(&utf8, take_unescaped(&s)))
            return false;
        if (s.p == s.end)
            return utf8.len == 0;
        n = take_escape(&s, c);
        if (!take_prefix(&utf8, (sio_view){c, n}))
            return false;
    }
}

/* --- Walking. --- */

static bool
ends_scalar(int c)
{
    return c == END || c == ',' || c == ':' || c == ']' || c == '}' || is_space(c);
}

/* Pass one value. In valid text brackets match, so counting them is enough. */
static void
skip_value(scan *s)
{
    size_t depth = 0;

    do {
        const int c = peek(s);

        if (c == '"') {
            skip_string(s);
        } else if (c == '[' || c == '{') {
            depth++;
            s->p++;
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
            s->p++;
        } else if (c == ',' || c == ':' || is_space(c)) {
            s->p++;
        } else {
            while (!ends_scalar(peek(s)))
                s->p++;
        }
    } while (depth > 0 && s->p != s->end);
}

static void
walk_begin(sio_json_iter *it, sio_view value, sio_json_kind kind)
{
    const sio_view v = sio_json_read_trim(value);

    if (v.len >= 2 && sio_json_read_kind_of(v) == kind)
        *it = (sio_json_iter){v.data + 1, v.data + v.len - 1}; /* without the brackets */
    else
        *it = (sio_json_iter){v.data, v.data};
}

/* Take the next value; separators in front of it, of whichever kind, go with it. */
static bool
walk_next(sio_json_iter *it, sio_view *value)
{
    scan        s = {it->p, it->end};
    const char *begin;

    while (is_space(peek(&s)) || peek(&s) == ',' || peek(&s) == ':')
        s.p++;
    begin = s.p;
    if (begin != s.end)
        skip_value(&s);
    it->p = s.p;
    *value = (sio_view){begin, (size_t)(s.p - begin)};
    return value->len > 0;
}

void
sio_json_read_array_begin(sio_json_iter *it, sio_view array)
{
    walk_begin(it, array, SIO_JSON_ARRAY);
}

void
sio_json_read_elements_begin(sio_json_iter *it, sio_view elements)
{
    const scan s = scan_of(elements);

    *it = (sio_json_iter){s.p, s.end};
}

bool
sio_json_read_array_next(sio_json_iter *it, sio_view *element)
{
    return walk_next(it, element);
}

void
sio_json_read_object_begin(sio_json_iter *it, sio_view object)
{
    walk_begin(it, object, SIO_JSON_OBJECT);
}

bool
sio_json_read_object_next(sio_json_iter *it, sio_view *key, sio_view *value)
{
    return walk_next(it, key) && walk_next(it, value);
}
