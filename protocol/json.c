/*
 * protocol/json.c - checking: is a text valid, and what are its named members?
 *
 * Each check_*() reads one thing at s->p and moves s->p past it.
 */
#include "protocol/json.h"

#include "protocol/hex.h"
#include "protocol/json_read.h"
#include "protocol/json_scan.h"
#include "protocol/utf8.h"

static bool
check_escape(scan *s)
{
    s->p++; /* the backslash */
    switch (peek(s)) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        s->p++;
        return true;
    case 'u':
        s->p++;
        for (int i = 0; i < 4; i++, s->p++)
            if (sio_hex_value(peek(s)) < 0)
                return false;
        return true;
    default:
        return false;
    }
}

/* Escapes, and characters above ASCII: those of many languages stand side by side. */
static bool
check_not_plain(scan *s)
{
    int c;

    while ((c = peek(s)) >= 0x80 || c == '\\') {
        int step;

        if (c == '\\') {
            if (!check_escape(s))
                return false;
            continue;
        }
        step = sio_utf8_step(s->p, s->end);
        if (step < 0)
            return false;
        s->p += step;
    }
    return true;
}

static bool
check_string(scan *s)
{
    if (!take(s, '"'))
        return false;
    for (;;) {
        int c;

        skip_plain(s);
        c = peek(s);
        if (c == '"')
            break;
        if (c < 0x80 && c != '\\') /* a control character, or the end */
            return false;
        if (!check_not_plain(s))
            return false;
    }
    s->p++;
    return true;
}

static bool
check_digits(scan *s)
{
    const char *const begin = s->p;

    while (peek(s) >= '0' && peek(s) <= '9')
        s->p++;
    return s->p != begin;
}

static bool
check_number(scan *s)
{
    (void)take(s, '-');
    if (!take(s, '0') && !check_digits(s))
        return false;
    if (take(s, '.') && !check_digits(s))
        return false;
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+'))
            (void)take(s, '-');
        return check_digits(s);
    }
    return true;
}

static bool
check_word(scan *s, sio_view word)
{
    if ((size_t)(s->end - s->p) < word.len || memcmp(s->p, word.data, word.len) != 0)
        return false;
    s->p += word.len;
    return true;
}

static bool
check_scalar(scan *s)
{
    switch (peek(s)) {
    case '"':
        return check_string(s);
    case 'n':
        return check_word(s, SIO_VIEW("null"));
    case 't':
        return check_word(s, SIO_VIEW("true"));
    case 'f':
        return check_word(s, SIO_VIEW("false"));
    default:
        return check_number(s);
    }
}

/* A key and its colon, with white space before, between and after. */
static bool
check_key(scan *s, sio_view *key)
{
    const char *begin;

    skip_space(s);
    begin = s->p;
    if (!check_string(s))
        return false;
    *key = (sio_view){begin, (size_t)(s->p - begin)};
    skip_space(s);
    if (!take(s, ':'))
        return false;
    skip_space(s);
    return true;
}

/* Arrays and objects that are open, as the brackets that will close them. */
typedef struct {
    unsigned depth, max;
    char     closers[SIO_JSON_MAX_DEPTH];
} nesting;

static unsigned
at_most_max(unsigned depth)
{
    return depth < SIO_JSON_MAX_DEPTH ? depth : SIO_JSON_MAX_DEPTH;
}

/*
 * At the beginning of a value: pass the opening brackets (and first keys) in
 * front of the first scalar or empty container, and that one too.
 */
static int
check_first_leaf(scan *s, nesting *n)
{
    sio_view key;

    while (peek(s) == '[' || peek(s) == '{') {
        const char closer = *s->p == '[' ? ']' : '}';

        if (n->depth == n->max)
            return SIO_TOO_LARGE;
        s->p++;
        skip_space(s);
        if (take(s, closer))
            return SIO_OK;
        n->closers[n->depth++] = closer;
        if (closer == '}' && !check_key(s, &key))
            return SIO_BAD;
    }
    return check_scalar(s) ? SIO_OK : SIO_BAD;
}

/* One value of any kind, starting at its first byte. */
static int
check_value(scan *s, unsigned max_depth)
{
    nesting  n; /* closers[] is written before it is read: no need to clear it */
    sio_view key;
    int      rc;

    n.depth = 0;
    n.max = at_most_max(max_depth);
    rc = check_first_leaf(s, &n);
    while (rc == SIO_OK && n.depth > 0) {
        const char closer = n.closers[n.depth - 1];

        skip_space(s);
        if (take(s, closer)) {
            n.depth--;
            continue;
        }
        if (!take(s, ','))
            return SIO_BAD;
        skip_space(s);
        if (closer == '}' && !check_key(s, &key))
            return SIO_BAD;
        rc = check_first_leaf(s, &n);
    }
    return rc;
}

/* What is left must be white space. */
static int
check_end(scan *s)
{
    skip_space(s);
    return s->p == s->end ? SIO_OK : SIO_BAD;
}

int
sio_json_validate(sio_view text, unsigned max_depth)
{
    scan s = scan_of(text);
    int  rc;

    skip_space(&s);
    rc = check_value(&s, max_depth);
    return rc == SIO_OK ? check_end(&s) : rc;
}

static void
pick_member(sio_json_field *fields, size_t n_fields, sio_view key, sio_view value)
{
    for (size_t i = 0; i < n_fields; i++)
        if (sio_json_read_string_equals(key, fields[i].name))
            fields[i].value = value;
}

/* The members of an object up to its closing brace, which is passed too. */
static int
pick_members(scan *s, unsigned max_depth, sio_json_field *fields, size_t n_fields)
{
    do {
        sio_view    key;
        const char *begin;
        int         rc;

        if (!check_key(s, &key))
            return SIO_BAD;
        begin = s->p;
        if ((rc = check_value(s, max_depth)) != SIO_OK)
            return rc;
        pick_member(fields, n_fields, key, (sio_view){begin, (size_t)(s->p - begin)});
        skip_space(s);
    } while (take(s, ','));
    return take(s, '}') ? SIO_OK : SIO_BAD;
}

static void
clear_fields(sio_json_field *fields, size_t n_fields)
{
    for (size_t i = 0; i < n_fields; i++)
        fields[i].value = (sio_view){NULL, 0};
}

int
sio_json_pick(sio_view text, unsigned max_depth, sio_json_field *fields, size_t n_fields)
{
    scan s = scan_of(text);
    int  rc;

    clear_fields(fields, n_fields);
    skip_space(&s);
    if (peek(&s) != '{')
        return sio_json_validate(text, max_depth);
    if (max_depth == 0)
        return SIO_TOO_LARGE;
    s.p++;
    skip_space(&s);
    if (take(&s, '}'))
        return check_end(&s);
    rc = pick_members(&s, at_most_max(max_depth) - 1, fields, n_fields);
    if (rc == SIO_OK)
        rc = check_end(&s);
    if (rc != SIO_OK)
        clear_fields(fields, n_fields);
    return rc;
}
