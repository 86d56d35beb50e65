#include "protocol/sio5_packet.h"

#include "protocol/json.h"
#include "protocol/json_ascii.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "protocol/text_cursor.h"
#include "protocol/whole_number.h"

/* Types of the wire that are not in sio5_type. */
enum { BINARY_EVENT = 5, BINARY_ACK = 6, N_TYPES };

/* --- Decoding: in front of the JSON. --- */

/* The type on the wire, or -1. */
static int
take_type(sio_view *rest)
{
    const int type = rest->len == 0 ? -1 : rest->data[0] - '0';

    if (type < 0 || type >= N_TYPES)
        return -1;
    take_n(rest, 1);
    return type;
}

/* "<n>-"; Number() of the original knows more ways to write n than digits. */
static int
take_count(sio_view *rest, const sio5_rules *rules, size_t *n)
{
    const size_t   all = rest->len;
    const sio_view count = take_until(rest, '-');

    if (count.len == all) /* there is no '-' */
        return SIO_BAD;
    return sio_whole_number(sio_json_read_trim(count), rules->max_attachments, n);
}

/* Does it begin with "<digits>-"? */
static bool
is_counted(sio_view text)
{
    return take_digits(&text).len > 0 && take_char(&text, '-');
}

/*
 * The number of attachments. A count of 0 is what applications of revision 4
 * write that choose the type themselves; in revision 3 every ACK has a count.
 */
static int
take_attachments(sio_view *rest, int wire_type, const sio5_rules *rules, sio5_packet *p)
{
    const bool must_have = wire_type == BINARY_EVENT || wire_type == BINARY_ACK;
    const bool may_have = wire_type == SIO5_ACK && rules->revision < SIO5_REVISION_5;
    size_t     n = 0;
    int        rc;

    p->counted_ack = may_have && is_counted(*rest);
    if (!must_have && !p->counted_ack)
        return SIO_OK;
    if ((rc = take_count(rest, rules, &n)) != SIO_OK)
        return rc;
    if (must_have && n == 0 && rules->revision == SIO5_REVISION_5)
        return SIO_BAD;
    p->n_attachments = (unsigned)n;
    return SIO_OK;
}

static void
take_nsp(sio_view *rest, const sio5_rules *rules, sio5_packet *p)
{
    if (rest->len == 0 || rest->data[0] != '/')
        return;
    p->query = take_until(rest, ',');
    if (rules->revision == SIO5_REVISION_5) {
        p->nsp = p->query; /* '?' is a character like others */
        p->query = SIO_VIEW("");
    } else {
        p->nsp = take_until(&p->query, '?');
    }
    if (p->nsp.len == 1)
        p->nsp = SIO_VIEW("");
}

/* One character that JavaScript knows as white space, or nothing: most packets have none. */
static sio_view
take_space(sio_view *rest)
{
    static const sio_view spaces[] = {
        SIO_VIEW_INIT(" "),
        SIO_VIEW_INIT("\t"),
        SIO_VIEW_INIT("\n"),
        SIO_VIEW_INIT("\v"),
        SIO_VIEW_INIT("\f"),
        SIO_VIEW_INIT("\r"),
        SIO_VIEW_INIT("\xC2\xA0"),
        SIO_VIEW_INIT("\xE1\x9A\x80"),
        SIO_VIEW_INIT("\xE2\x80\x80"),
        SIO_VIEW_INIT("\xE2\x80\x81"),
        SIO_VIEW_INIT("\xE2\x80\x82"),
        SIO_VIEW_INIT("\xE2\x80\x83"),
        SIO_VIEW_INIT("\xE2\x80\x84"),
        SIO_VIEW_INIT("\xE2\x80\x85"),
        SIO_VIEW_INIT("\xE2\x80\x86"),
        SIO_VIEW_INIT("\xE2\x80\x87"),
        SIO_VIEW_INIT("\xE2\x80\x88"),
        SIO_VIEW_INIT("\xE2\x80\x89"),
        SIO_VIEW_INIT("\xE2\x80\x8A"),
        SIO_VIEW_INIT("\xE2\x80\xA8"),
        SIO_VIEW_INIT("\xE2\x80\xA9"),
        SIO_VIEW_INIT("\xE2\x80\xAF"),
        SIO_VIEW_INIT("\xE2\x81\x9F"),
        SIO_VIEW_INIT("\xE3\x80\x80"),
        SIO_VIEW_INIT("\xEF\xBB\xBF"),
    };

    if (rest->len == 0 || (unsigned char)(rest->data[0] - '!') <= '~' - '!')
        return take_n(rest, 0);
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
        if (rest->len >= spaces[i].len && memcmp(rest->data, spaces[i].data, spaces[i].len) == 0)
            return take_n(rest, spaces[i].len);
    return take_n(rest, 0);
}

/*
 * The original gives each character to Number() to see whether the id goes on, and then all of it:
 * white space around the digits is overlooked, and without digits it is 0.
 */
static bool
take_id(sio_view *rest, sio_view *id)
{
    const sio_view space = take_space(rest);

    while (take_space(rest).len > 0)
        ;
    *id = take_digits(rest);
    if (id->len == 0)
        *id = space;
    else
        while (take_space(rest).len > 0)
            ;
    return id->len <= SIO5_MAX_ID_DIGITS && take_digits(rest).len == 0; /* not "1 2" */
}

sio_view
sio5_packet_id(const sio5_packet *p)
{
    const bool is_digits = p->id.len == 0 || (p->id.data[0] >= '0' && p->id.data[0] <= '9');

    return is_digits ? p->id : SIO_VIEW("0");
}

/* --- Decoding: JSON. --- */

#define KIND(k) (1u << SIO_JSON_##k)

/* The values that may follow a packet of the type. */
static unsigned
kinds_allowed(sio5_type type, sio5_revision revision)
{
    const unsigned objects = revision == SIO5_REVISION_5
                                 ? KIND(OBJECT)
                                 : KIND(OBJECT) | KIND(ARRAY) | KIND(NULL); /* typeof "object" */

    switch (type) {
    case SIO5_CONNECT:
        return objects;
    case SIO5_DISCONNECT:
        return 0;
    case SIO5_EVENT:
    case SIO5_ACK:
        return KIND(ARRAY);
    case SIO5_CONNECT_ERROR:
        return objects | KIND(STRING);
    }
    return 0;
}

/* Names of events that a client and its server raise for themselves. */
static bool
is_reserved(sio_view name)
{
    static const sio_view reserved[] = {
        SIO_VIEW_INIT("connect"),     SIO_VIEW_INIT("connect_error"),
        SIO_VIEW_INIT("disconnect"),  SIO_VIEW_INIT("disconnecting"),
        SIO_VIEW_INIT("newListener"), SIO_VIEW_INIT("removeListener"),
    };

    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (sio_json_read_string_equals(name, reserved[i]))
            return true;
    return false;
}

/* The first element of an event is its name, the others are its arguments. */
static int
split_event(sio_view array, sio5_revision revision, sio5_packet *p)
{
    sio_view      elements = sio_json_read_elements(array);
    sio_json_iter it;
    sio_json_kind kind;

    sio_json_read_elements_begin(&it, elements);
    if (!sio_json_read_array_next(&it, &p->name))
        return SIO_BAD;
    kind = sio_json_read_kind_of(p->name);
    if (kind != SIO_JSON_STRING && kind != SIO_JSON_NUMBER)
        return SIO_BAD;
    if (revision == SIO5_REVISION_5 && is_reserved(p->name))
        return SIO_BAD;
    take_n(&elements, p->name.len);
    elements = sio_json_read_trim(elements);
    take_char(&elements, ',');
    p->args = sio_json_read_trim(elements);
    return SIO_OK;
}

static int
decode_json(sio_view json, const sio5_rules *rules, sio5_packet *p)
{
    const int rc = sio_json_validate(json, rules->max_depth);

    if (rc != SIO_OK)
        return rc == SIO_TOO_LARGE ? SIO_TOO_DEEP : rc;
    json = sio_json_read_trim(json);
    if ((kinds_allowed(p->type, rules->revision) & 1u << sio_json_read_kind_of(json)) == 0)
        return SIO_BAD;
    if (p->type == SIO5_EVENT)
        return split_event(json, rules->revision, p);
    if (p->type == SIO5_ACK)
        p->args = sio_json_read_elements(json);
    else
        p->data = json;
    return SIO_OK;
}

/* --- Decoding: all of it. --- */

static sio5_type
type_of(int wire_type)
{
    if (wire_type == BINARY_EVENT)
        return SIO5_EVENT;
    return wire_type == BINARY_ACK ? SIO5_ACK : (sio5_type)wire_type;
}

int
sio5_packet_decode(sio_view text, const sio5_rules *rules, sio5_packet *out)
{
    sio_view  rest = text;
    const int wire_type = take_type(&rest);
    int       rc;

    if (text.len == 0 || (wire_type < 0 && rules->revision == SIO5_REVISION_5))
        return SIO_BAD;
    *out = (sio5_packet){.type = wire_type < 0 ? SIO5_CONNECT_ERROR : type_of(wire_type)};
    if (wire_type < 0)
        return SIO_OK;
    if ((rc = take_attachments(&rest, wire_type, rules, out)) != SIO_OK)
        return rc;
    take_nsp(&rest, rules, out);
    if (!take_id(&rest, &out->id))
        return SIO_BAD;
    if (rest.len > 0 && (rc = decode_json(rest, rules, out)) != SIO_OK)
        return rc;
    if (out->n_attachments > 0)
        return sio_placeholder_check(out->args, out->n_attachments);
    return SIO_OK;
}

/* --- Encoding. --- */

static void
encode_head(const sio5_packet *p, sio5_revision revision, sio_buf *out)
{
    const bool has_args = p->type == SIO5_EVENT || p->type == SIO5_ACK;
    const bool counted = revision == SIO5_REVISION_3 && p->type == SIO5_ACK;
    int        wire_type = (int)p->type;

    if (has_args && p->n_attachments > 0 && !counted)
        wire_type = p->type == SIO5_EVENT ? BINARY_EVENT : BINARY_ACK;
    sio_buf_add_char(out, (char)('0' + wire_type));
    if ((has_args && p->n_attachments > 0) || counted) {
        sio_buf_add_u64(out, p->n_attachments);
        sio_buf_add_char(out, '-');
    }
}

static void
encode_nsp(const sio5_packet *p, sio_buf *out)
{
    if (p->query.len == 0 && (p->nsp.len == 0 || sio_view_eq(p->nsp, SIO_VIEW("/"))))
        return;
    sio_buf_add_view(out, p->nsp.len == 0 ? SIO_VIEW("/") : p->nsp);
    if (p->query.len > 0) {
        sio_buf_add_char(out, '?');
        sio_buf_add_view(out, p->query);
    }
    sio_buf_add_char(out, ','); /* also at the end: 1.x leaves it out there, but reads it */
}

static void
encode_json(sio_view json, unsigned flags, sio_buf *out)
{
    if ((flags & SIO5_ASCII) != 0)
        sio_json_ascii_add(json, out);
    else
        sio_buf_add_view(out, json);
}

static void
encode_array(const sio5_packet *p, unsigned flags, sio_buf *out)
{
    const bool has_name = p->type == SIO5_EVENT;

    sio_buf_add_char(out, '[');
    if (has_name)
        encode_json(p->name, flags, out);
    if (has_name && p->args.len > 0)
        sio_buf_add_char(out, ',');
    encode_json(p->args, flags, out);
    sio_buf_add_char(out, ']');
}

void
sio5_packet_encode(const sio5_packet *p, sio5_revision revision, unsigned flags, sio_buf *out)
{
    encode_head(p, revision, out);
    encode_nsp(p, out);
    switch (p->type) {
    case SIO5_EVENT:
        sio_buf_add_view(out, p->id);
        if (p->name.len > 0)
            encode_array(p, flags, out);
        break;
    case SIO5_ACK:
        sio_buf_add_view(out, p->id);
        encode_array(p, flags, out);
        break;
    case SIO5_CONNECT:
    case SIO5_CONNECT_ERROR:
        encode_json(p->data, flags, out);
        break;
    case SIO5_DISCONNECT:
        break;
    }
}
