#include "protocol/placeholder.h"

#include "protocol/base64.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/json_scan.h"
#include "protocol/whole_number.h"

#include <limits.h>

#define MARK SIO_VIEW("_placeholder")

/* Is value a number of an attachment? */
static bool
read_number(sio_view value, unsigned *number)
{
    size_t n;

    if (sio_whole_number(value, UINT_MAX - 1, &n) != SIO_OK)
        return false;
    *number = (unsigned)n;
    return true;
}

/*
 * What an object without arrays and objects in it is: SIO_OK for a placeholder,
 * SIO_ERR_NOT_FOUND for other data, SIO_BAD for a placeholder without number. Of
 * members with the same name the last one counts, as for JSON.parse.
 */
static int
read_placeholder(sio_view object, sio_placeholder *out)
{
    sio_view      mark = SIO_VIEW(""), num = SIO_VIEW(""), key, value;
    sio_json_iter it;

    sio_json_read_object_begin(&it, object);
    while (sio_json_read_object_next(&it, &key, &value)) {
        if (sio_json_read_string_equals(key, MARK))
            mark = value;
        else if (sio_json_read_string_equals(key, SIO_VIEW("num")))
            num = value;
    }
    if (!sio_view_eq(mark, SIO_VIEW("true")))
        return SIO_ERR_NOT_FOUND;
    out->text = object;
    return read_number(num, &out->attachment) ? SIO_OK : SIO_BAD;
}

/* --- Checking. --- */

/* What is known of each array and object that is open. */
enum { HAS_MARK = 1, HAS_CHILD = 2 };

typedef struct {
    scan          s;
    const char   *opened; /* the last opening bracket */
    unsigned      depth;
    unsigned      n_attachments;
    unsigned char known[SIO_JSON_MAX_DEPTH + 1]; /* by depth; [0] is outside */
} checker;

static int
check_open(checker *c)
{
    if (c->depth == SIO_JSON_MAX_DEPTH)
        return SIO_BAD; /* valid arguments do not go so deep */
    c->known[c->depth] |= HAS_CHILD;
    c->known[++c->depth] = 0;
    c->opened = c->s.p++;
    return SIO_OK;
}

static int
check_close(checker *c)
{
    const unsigned char known = c->known[c->depth];
    sio_placeholder     found;
    int                 rc;

    c->s.p++;
    c->depth -= c->depth > 0;
    if ((known & HAS_MARK) == 0)
        return SIO_OK;
    if ((known & HAS_CHILD) != 0)
        return SIO_BAD;
    rc = read_placeholder((sio_view){c->opened, (size_t)(c->s.p - c->opened)}, &found);
    if (rc == SIO_OK && found.attachment >= c->n_attachments)
        return SIO_BAD;
    return rc == SIO_BAD ? SIO_BAD : SIO_OK;
}

/* A string. If it is the key of a mark that is set, remember that of the object it is in. */
static void
check_string(checker *c)
{
    const char *const begin = c->s.p;
    sio_view          literal;

    skip_string(&c->s);
    literal = (sio_view){begin, (size_t)(c->s.p - begin)};
    skip_space(&c->s);
    if (!take(&c->s, ':') || !sio_json_read_string_equals(literal, MARK))
        return;
    skip_space(&c->s);
    if (peek(&c->s) == 't')
        c->known[c->depth] |= HAS_MARK;
}

int
sio_placeholder_check(sio_view args, unsigned n_attachments)
{
    checker c; /* known[] is written before it is read: no need to clear it */
    int     rc = SIO_OK;

    c.s = scan_of(args);
    c.opened = c.s.p;
    c.depth = 0;
    c.n_attachments = n_attachments;
    c.known[0] = 0;
    while (rc == SIO_OK && c.s.p != c.s.end) {
        switch (peek(&c.s)) {
        case '"':
            check_string(&c);
            break;
        case '[':
        case '{':
            rc = check_open(&c);
            break;
        case ']':
        case '}':
            rc = check_close(&c);
            break;
        default:
            c.s.p++;
        }
    }
    return rc;
}

/* --- Walking. --- */

void
sio_placeholder_begin(sio_placeholder_iter *it, sio_view args)
{
    const scan s = scan_of(args);

    *it = (sio_placeholder_iter){s.p, s.end};
}

/* The next object without arrays and objects in it. */
static bool
next_leaf(scan *s, sio_view *object)
{
    const char *opened = NULL; /* the brace that may begin one */

    while (s->p != s->end) {
        const int c = peek(s);

        if (c == '"') {
            skip_string(s);
            continue;
        }
        if (c == '{')
            opened = s->p;
        else if (c == '[')
            opened = NULL;
        s->p++;
        if (c == '}' && opened != NULL) {
            *object = (sio_view){opened, (size_t)(s->p - opened)};
            return true;
        }
    }
    return false;
}

bool
sio_placeholder_next(sio_placeholder_iter *it, sio_placeholder *out)
{
    scan     s = {it->p, it->end};
    sio_view object;
    bool     found = false;

    while (!found && next_leaf(&s, &object))
        found = read_placeholder(object, out) == SIO_OK;
    it->p = s.p;
    return found;
}

void
sio_placeholder_to_base64(sio_view args, const sio_view *attachments, unsigned n_attachments,
                          sio_buf *out)
{
    sio_placeholder_iter it;
    sio_placeholder      found;
    sio_view             rest = args;

    sio_placeholder_begin(&it, args);
    while (sio_placeholder_next(&it, &found)) {
        if (found.attachment >= n_attachments)
            continue; /* data that only looks like one */
        sio_buf_add_view(out, (sio_view){rest.data, (size_t)(found.text.data - rest.data)});
        sio_buf_add_char(out, '"');
        sio_base64_encode(attachments[found.attachment], out);
        sio_buf_add_char(out, '"');
        rest.data = found.text.data + found.text.len;
    }
    if (args.len > 0)
        sio_buf_add(out, rest.data, (size_t)(args.data + args.len - rest.data));
}
