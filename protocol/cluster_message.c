#include "protocol/cluster_message.h"

enum {
    VERSION = '1',
    END = '.',
    KEY_ROOM = 'r',
    MAX_NUMBER_BYTES = 9 /* of seven bits: SIO_CLUSTER_NUMBER_MAX */
};

typedef enum { BYTES, NUMBER, PACKETS } shape;

typedef struct {
    char   key;
    shape  is;
    size_t offset; /* of the member: uint64_t for a NUMBER, sio_view for the others */
} field;

#define FIELD(key, is, member)                             \
    {                                                      \
        (key), (is), offsetof(sio_cluster_message, member) \
    }

static const field fields[] = {
    FIELD('f', BYTES, from),    FIELD('s', NUMBER, seq),      FIELD('a', NUMBER, ack),
    FIELD('i', BYTES, id),      FIELD('o', BYTES, origin),    FIELD('c', NUMBER, channel),
    FIELD('l', NUMBER, count),  FIELD('t', BYTES, transport), FIELD('y', BYTES, reason),
    FIELD('b', BYTES, body),    FIELD('p', PACKETS, packets), FIELD('g', NUMBER, flags),
    FIELD('T', NUMBER, type),   FIELD('n', BYTES, nsp),       FIELD(KEY_ROOM, BYTES, room),
    FIELD('x', BYTES, except),  FIELD('e', BYTES, name),      FIELD('v', BYTES, args),
    FIELD('d', BYTES, data),    FIELD('R', NUMBER, revision), FIELD('V', NUMBER, verdict),
    FIELD('S', BYTES, session),
};

#define N_FIELDS (sizeof fields / sizeof fields[0])

/* --- Encoding. --- */

static void
add_number(sio_buf *out, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        sio_buf_add_char(out, (char)(0x80 | (n & 0x7f)));
    sio_buf_add_char(out, (char)n);
}

static size_t
number_bytes(uint64_t n)
{
    size_t len = 1;

    for (; n >= 0x80; n >>= 7)
        len++;
    return len;
}

static void
add_number_field(sio_buf *out, char key, uint64_t n)
{
    if (n > SIO_CLUSTER_NUMBER_MAX) {
        out->failed = true; /* rather not sent than refused over there */
        return;
    }
    sio_buf_add_char(out, key);
    add_number(out, number_bytes(n));
    add_number(out, n);
}

static void
message_add_bytes(sio_buf *out, sio_view bytes)
{
    add_number(out, bytes.len);
    sio_buf_add_view(out, bytes);
}

static void
add_field(sio_buf *out, const field *f, const sio_cluster_message *m)
{
    const void *member = (const char *)m + f->offset;

    if (f->is == NUMBER) {
        const uint64_t n = *(const uint64_t *)member;

        if (n != 0)
            add_number_field(out, f->key, n);
    } else {
        const sio_view bytes = *(const sio_view *)member;

        if (bytes.len > 0 || (f->key == KEY_ROOM && m->has_room)) {
            sio_buf_add_char(out, f->key);
            message_add_bytes(out, bytes);
        }
    }
}

void
sio_cluster_message_encode(const sio_cluster_message *m, sio_buf *out)
{
    if (m->kind == 0)
        out->failed = true;
    sio_buf_add_char(out, VERSION);
    sio_buf_add_char(out, (char)m->kind);
    for (size_t i = 0; i < N_FIELDS; i++)
        add_field(out, &fields[i], m);
    sio_buf_add_char(out, END);
}

void
sio_cluster_message_add_packet(sio_buf *list, sio_view packet, bool is_binary)
{
    add_number(list, (uint64_t)packet.len << 1 | is_binary);
    sio_buf_add_view(list, packet);
}

/* --- Decoding: each takes something off the front of *from, or is false and takes nothing. --- */

static bool
take_char(sio_view *from, char *c)
{
    if (from->len == 0)
        return false;
    *c = from->data[0];
    *from = (sio_view){from->data + 1, from->len - 1};
    return true;
}

static bool
take_number(sio_view *from, uint64_t *n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < from->len && i < MAX_NUMBER_BYTES; i++) {
        const unsigned char byte = (unsigned char)from->data[i];

        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte >= 0x80)
            continue;
        if (byte == 0 && i > 0) /* longer than needed */
            return false;
        *n = value;
        *from = (sio_view){from->data + i + 1, from->len - i - 1};
        return true;
    }
    return false;
}

/* A number, shifted left by n_flags, and as many bytes; flags is what was behind it. */
static bool
take_flagged_bytes(sio_view *from, unsigned n_flags, sio_view *bytes, uint64_t *flags)
{
    sio_view rest = *from;
    uint64_t number, len;

    if (!take_number(&rest, &number) || (len = number >> n_flags) > rest.len)
        return false;
    *flags = number - (len << n_flags);
    *bytes = (sio_view){rest.data, (size_t)len};
    *from = (sio_view){rest.data + bytes->len, rest.len - bytes->len};
    return true;
}

static bool
take_bytes(sio_view *from, sio_view *bytes)
{
    uint64_t none;

    return take_flagged_bytes(from, 0, bytes, &none);
}

bool
sio_cluster_message_next_packet(sio_view *list, sio_view *packet, bool *is_binary)
{
    uint64_t flag;

    if (!take_flagged_bytes(list, 1, packet, &flag))
        return false;
    if (is_binary != NULL)
        *is_binary = flag != 0;
    return true;
}

static bool
is_packet_list(sio_view list)
{
    sio_view packet;

    while (sio_cluster_message_next_packet(&list, &packet, NULL))
        continue;
    return list.len == 0;
}

static bool
read_field(const field *f, sio_view bytes, sio_cluster_message *m)
{
    void *member = (char *)m + f->offset;

    if (f->is == NUMBER)
        return take_number(&bytes, (uint64_t *)member) && bytes.len == 0;
    if (f->is == PACKETS && !is_packet_list(bytes))
        return false;
    if (f->key == KEY_ROOM)
        m->has_room = true;
    *(sio_view *)member = bytes;
    return true;
}

/* The number of the field with this key; N_FIELDS when nobody here knows it. */
static size_t
find_field(char key)
{
    size_t i = 0;

    while (i < N_FIELDS && fields[i].key != key)
        i++;
    return i;
}

/* All up to the end of the message, with nothing behind it. */
static bool
read_fields(sio_view bytes, sio_cluster_message *m)
{
    uint32_t seen = 0; /* bit i: fields[i] */
    char     key = 0;
    sio_view value;

    _Static_assert(N_FIELDS <= 32, "`seen` has a bit for each field");
    while (take_char(&bytes, &key) && key != END) {
        const size_t i = find_field(key);

        if (!take_bytes(&bytes, &value))
            return false;
        if (i == N_FIELDS)
            continue;
        if ((seen >> i & 1) != 0 || !read_field(&fields[i], value, m))
            return false;
        seen |= UINT32_C(1) << i;
    }
    return key == END && bytes.len == 0;
}

int
sio_cluster_message_decode(sio_view bytes, sio_cluster_message *m)
{
    sio_cluster_message got = {.kind = 0};
    char                version, kind;

    if (!take_char(&bytes, &version) || version != VERSION)
        return SIO_BAD;
    if (!take_char(&bytes, &kind) || kind == 0)
        return SIO_BAD;
    got.kind = (uint8_t)kind;
    if (!read_fields(bytes, &got))
        return SIO_BAD;
    *m = got;
    return SIO_OK;
}
