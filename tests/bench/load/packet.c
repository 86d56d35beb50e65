/*
 * tests/bench/load/packet.c - see dialect.h.
 */
#include "tests/bench/load/packet.h"

#include <stdio.h>
#include <string.h>

/* If the text begins with this, step over it. */
static bool
skip(packet *p, const char *prefix)
{
    const size_t len = strlen(prefix);

    if (p->rest_len < len || memcmp(p->rest, prefix, len) != 0)
        return false;
    p->rest += len;
    p->rest_len -= len;
    return true;
}

static bool
skip_number(packet *p, uint32_t *number)
{
    size_t n = 0;

    *number = 0;
    for (; n < p->rest_len && p->rest[n] >= '0' && p->rest[n] <= '9'; n++)
        *number = *number * 10 + (uint32_t)(p->rest[n] - '0');
    p->rest += n;
    p->rest_len -= n;
    return n > 0;
}

/* Up to the quote that ends a name; names that need escapes are none of ours. */
static packet_type
read_name(packet *p)
{
    const char *quote = memchr(p->rest, '"', p->rest_len);

    if (quote == NULL)
        return PACKET_OTHER;
    p->name = p->rest;
    p->name_len = (size_t)(quote - p->rest);
    p->rest = quote + 1;
    p->rest_len -= p->name_len + 1;
    return PACKET_EVENT;
}

static packet_type
read_09(packet *p)
{
    if (skip(p, "5:::{\"name\":\""))
        return read_name(p);
    if (skip(p, "6:::"))
        return skip_number(p, &p->ack_id) ? PACKET_ACK : PACKET_OTHER;
    if (skip(p, "2::"))
        return PACKET_HEARTBEAT;
    if (skip(p, "1::"))
        return PACKET_CONNECTED;
    if (skip(p, "0::"))
        return PACKET_END;
    return skip(p, "7::") ? PACKET_REFUSED : PACKET_OTHER;
}

static packet_type
read_modern(dialect d, packet *p)
{
    uint32_t ignored;

    if (skip(p, "43"))
        return skip_number(p, &p->ack_id) ? PACKET_ACK : PACKET_OTHER;
    if (skip(p, "42")) {
        skip_number(p, &ignored);
        return skip(p, "[\"") ? read_name(p) : PACKET_OTHER;
    }
    if (skip(p, "40"))
        return PACKET_CONNECTED;
    if (skip(p, "44"))
        return PACKET_REFUSED;
    if (skip(p, "41") || skip(p, "1"))
        return PACKET_END;
    if (d == DIALECT_EIO4 && skip(p, "2"))
        return PACKET_HEARTBEAT;
    return skip(p, "0") ? PACKET_OPEN : PACKET_OTHER;
}

static bool
is_09(dialect d)
{
    return d == DIALECT_09_WEBSOCKET || d == DIALECT_09_POLLING;
}

void
packet_read(dialect d, const char *text, size_t len, packet *out)
{
    *out = (packet){.rest = text, .rest_len = len};
    out->type = is_09(d) ? read_09(out) : read_modern(d, out);
}

bool
packet_is_event(const packet *p, const char *name)
{
    return p->type == PACKET_EVENT && p->name_len == strlen(name) &&
           memcmp(p->name, name, p->name_len) == 0;
}

void
packet_write_event(buffer *b, dialect d, const char *name, uint32_t ack_id, const char *args)
{
    char id[16] = "";

    if (ack_id != PACKET_NO_ACK)
        snprintf(id, sizeof id, "%u%s", ack_id, is_09(d) ? "+" : "");
    buffer_addf(b, is_09(d) ? "5:%s::{\"name\":\"%s\",\"args\":[%s]}" : "42%s[\"%s\",%s]", id, name,
                args);
}

const char *
packet_heartbeat(dialect d)
{
    return is_09(d) ? "2::" : "3";
}
