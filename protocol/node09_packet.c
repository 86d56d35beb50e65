#include "protocol/node09_packet.h"

#include "protocol/json.h"
#include "protocol/json_read.h"

/* The words of lib/parser.js; the places in the lists are the digits on the wire. */
static const char *const types[] = {"disconnect", "connect", "heartbeat", "message", "json",
                                    "event",      "ack",     "error",     "noop"};
static const char *const reasons[] = {"transport not supported", "client not handshaken",
                                      "unauthorized"};
static const char *const advices[] = {"reconnect"};

#define N(list) (sizeof(list) / sizeof(list)[0])

/* --- Encoding. --- */

static void
add_key(sio_buf *out, const char *key)
{
    sio_buf_add_str(out, ",\"");
    sio_buf_add_str(out, key);
    sio_buf_add_str(out, "\":");
}

static void
add_member_text(sio_buf *out, const char *key, sio_view text)
{
    add_key(out, key);
    sio_buf_add_json_string(out, text, SIO_JSON_PLAIN);
}

/* json, or what it is without: the member is never left out. */
static void
add_json(sio_buf *out, const char *key, sio_view json, const char *otherwise)
{
    add_key(out, key);
    sio_buf_add_view(out, json.len > 0 ? json : sio_view_of(otherwise));
}

/* code: a place in the list, or -1 for the empty text. */
static void
add_word(sio_buf *out, const char *key, const char *const *list, int code)
{
    add_member_text(out, key, sio_view_of(code >= 0 ? list[code] : ""));
}

static void
encode_data(const sio09_packet *p, sio_buf *out)
{
    switch (p->type) {
    case SIO09_MESSAGE:
        add_member_text(out, "data", p->data);
        break;
    case SIO09_JSON:
        add_json(out, "data", p->data, "false");
        break;
    case SIO09_EVENT:
        if (p->name.len > 0)
            add_json(out, "name", p->name, "");
        add_json(out, "args", p->args, "[]");
        break;
    case SIO09_CONNECT:
        add_member_text(out, "qs", p->data);
        break;
    case SIO09_ACK:
        if (p->ack_id.len == 0)
            break;
        add_member_text(out, "ackId", p->ack_id);
        add_json(out, "args", p->args, "[]");
        break;
    case SIO09_ERROR:
        add_word(out, "reason", reasons, p->reason);
        add_word(out, "advice", advices, p->advice);
        break;
    case SIO09_DISCONNECT:
    case SIO09_HEARTBEAT:
    case SIO09_NOOP:
        break;
    }
}

void
sio_node09_packet_encode(const sio09_packet *p, sio_buf *out)
{
    sio_buf_add_str(out, "{\"type\":\"");
    sio_buf_add_str(out, types[p->type]);
    sio_buf_add_char(out, '"');
    add_member_text(out, "endpoint", p->endpoint);
    if (p->ack != SIO_ACK_NONE) {
        add_member_text(out, "id", p->id);
        add_key(out, "ack");
        sio_buf_add_str(out, p->ack == SIO_ACK_DATA ? "\"data\"" : "true");
    }
    encode_data(p, out);
    sio_buf_add_char(out, '}');
}

/* --- Decoding. --- */

enum { TYPE, ENDPOINT, ID, ACK, DATA, NAME, ARGS, QS, ACK_ID, REASON, ADVICE, N_MEMBERS };

/* The place of a string in the list, or -1. */
static int
find_word(sio_view literal, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sio_json_read_kind_of(literal) == SIO_JSON_STRING &&
            sio_json_read_string_equals(literal, sio_view_of(list[i])))
            return (int)i;
    return -1;
}

/* The digits of an id, given as a string or a number. */
static bool
take_digits(sio_view value, sio_view *digits)
{
    *digits = value;
    if (sio_json_read_kind_of(value) == SIO_JSON_STRING)
        *digits = (sio_view){value.data + 1, value.len - 2};
    for (size_t i = 0; i < digits->len; i++)
        if (digits->data[i] < '0' || digits->data[i] > '9')
            return false;
    return true;
}

/*
 * Unescape the endpoint and, where there is one, the text of the packet. They stand one after the
 * other in texts, which may move while it grows.
 */
static int
take_texts(const sio_json_field *f, sio_buf *texts, sio09_packet *p)
{
    const sio_view text = p->type == SIO09_MESSAGE   ? f[DATA].value
                          : p->type == SIO09_CONNECT ? f[QS].value
                                                     : (sio_view){NULL, 0};
    size_t         n_endpoint;

    sio_buf_clear(texts);
    if (f[ENDPOINT].value.len > 0 && sio_json_read_string(f[ENDPOINT].value, texts) == SIO_BAD)
        return SIO_BAD;
    n_endpoint = texts->len;
    if (n_endpoint > 0 && memchr(texts->data, ':', n_endpoint) != NULL)
        return SIO_BAD; /* could not be told from what follows it on the wire */
    if (text.len > 0 && sio_json_read_string(text, texts) == SIO_BAD)
        return SIO_BAD;
    if (texts->failed)
        return SIO_TOO_LARGE;
    if (texts->len > 0) {
        p->endpoint = (sio_view){texts->data, n_endpoint};
        p->data = (sio_view){texts->data + n_endpoint, texts->len - n_endpoint};
    }
    return SIO_OK;
}

/* An empty array is no args at all, as in packets decoded from the wire. */
static void
take_args(sio_view args, sio09_packet *p)
{
    const bool is_array = sio_json_read_kind_of(args) == SIO_JSON_ARRAY;

    if (is_array && sio_json_read_trim((sio_view){args.data + 1, args.len - 2}).len == 0)
        return;
    if (!is_array && p->type == SIO09_ACK)
        return;
    p->args = args;
    p->args_is_array = is_array;
}

static bool
take_id(const sio_json_field *f, sio09_packet *p)
{
    if (!take_digits(f[ID].value, &p->id))
        return false;
    if (p->id.len > 0)
        p->ack = sio_json_read_string_equals(f[ACK].value, SIO_VIEW("data")) ? SIO_ACK_DATA
                                                                             : SIO_ACK_AUTO;
    return true;
}

static bool
take_data(const sio_json_field *f, sio09_packet *p)
{
    switch (p->type) {
    case SIO09_JSON:
        p->data = f[DATA].value;
        p->data_ok = p->data.len > 0;
        return true;
    case SIO09_EVENT:
        if (sio_json_read_kind_of(f[NAME].value) == SIO_JSON_STRING)
            p->name = f[NAME].value;
        take_args(f[ARGS].value, p);
        return true;
    case SIO09_ACK:
        take_args(f[ARGS].value, p);
        return take_digits(f[ACK_ID].value, &p->ack_id);
    case SIO09_ERROR:
        p->reason = (sio09_reason)find_word(f[REASON].value, reasons, N(reasons));
        p->advice = (sio09_advice)find_word(f[ADVICE].value, advices, N(advices));
        return true;
    case SIO09_DISCONNECT:
    case SIO09_CONNECT:
    case SIO09_HEARTBEAT:
    case SIO09_MESSAGE:
    case SIO09_NOOP:
        break;
    }
    return true;
}

int
sio_node09_packet_decode(sio_view object, unsigned max_depth, sio_buf *texts, sio09_packet *out)
{
    sio_json_field f[N_MEMBERS] = {
        [TYPE] = {.name = SIO_VIEW("type")},     [ENDPOINT] = {.name = SIO_VIEW("endpoint")},
        [ID] = {.name = SIO_VIEW("id")},         [ACK] = {.name = SIO_VIEW("ack")},
        [DATA] = {.name = SIO_VIEW("data")},     [NAME] = {.name = SIO_VIEW("name")},
        [ARGS] = {.name = SIO_VIEW("args")},     [QS] = {.name = SIO_VIEW("qs")},
        [ACK_ID] = {.name = SIO_VIEW("ackId")},  [REASON] = {.name = SIO_VIEW("reason")},
        [ADVICE] = {.name = SIO_VIEW("advice")},
    };
    int rc = sio_json_pick(object, max_depth, f, N_MEMBERS);
    int type;

    if (rc != SIO_OK)
        return rc;
    if ((type = find_word(f[TYPE].value, types, N(types))) < 0)
        return SIO_BAD;
    *out = sio09_packet_of((sio09_type)type);
    if ((rc = take_texts(f, texts, out)) != SIO_OK)
        return rc;
    return take_id(f, out) && take_data(f, out) ? SIO_OK : SIO_BAD;
}
