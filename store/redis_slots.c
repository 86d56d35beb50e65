#include "store/redis_slots.h"

#include "protocol/result.h"
#include "protocol/whole_number.h"

#include <string.h>

enum { MAX_PORT = 65535 };

/* --- Which slot. --- */

/* CRC-16/XMODEM, bit by bit: keys are short, and a command to Redis costs far more. */
static uint16_t
crc16(sio_view bytes)
{
    enum { POLYNOMIAL = 0x1021, TOP = 0x8000 };
    unsigned crc = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned)(unsigned char)bytes.data[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & TOP) != 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
    }
    return (uint16_t)crc;
}

static sio_view
hashed_part(sio_view key)
{
    const char *open = key.len > 0 ? memchr(key.data, '{', key.len) : NULL;
    const char *close;

    if (open == NULL)
        return key;
    close = memchr(open, '}', (size_t)(key.data + key.len - open));
    if (close == NULL || close == open + 1)
        return key;
    return (sio_view){open + 1, (size_t)(close - open - 1)};
}

unsigned
sio_redis_slots_of(sio_view key)
{
    return crc16(hashed_part(key)) % SIO_REDIS_N_SLOTS;
}

/* --- Who has it. --- */

void
sio_redis_slots_init(sio_redis_slots *slots)
{
    slots->n_places = 0;
    memset(slots->owner, SIO_REDIS_NOBODY, sizeof slots->owner);
}

unsigned
sio_redis_slots_add(sio_redis_slots *slots, const sio_redis_place *place)
{
    unsigned i = 0;

    while (i < slots->n_places && !sio_redis_place_eq(&slots->places[i], place))
        i++;
    if (i == SIO_REDIS_MAX_NODES)
        return SIO_REDIS_NOBODY;
    if (i == slots->n_places)
        slots->places[slots->n_places++] = *place;
    return i;
}

/* The host of [host, port, ...]; empty or nil: that of who was asked. */
static bool
read_node(const redisReply *node, const sio_redis_place *asked, sio_redis_place *out)
{
    const redisReply *host, *port;

    if (node->type != REDIS_REPLY_ARRAY || node->elements < 2)
        return false;
    host = node->element[0];
    port = node->element[1];
    *out = *asked;
    if (host->type == REDIS_REPLY_STRING && host->len > 0) {
        if (!sio_redis_place_set_host(out, (sio_view){host->str, host->len}))
            return false;
    } else if (host->type != REDIS_REPLY_NIL && host->type != REDIS_REPLY_STRING) {
        return false;
    }
    if (port->type != REDIS_REPLY_INTEGER || port->integer <= 0 || port->integer > MAX_PORT)
        return false;
    out->port = (uint16_t)port->integer;
    return true;
}

static bool
is_slot(const redisReply *number)
{
    return number->type == REDIS_REPLY_INTEGER && number->integer >= 0 &&
           number->integer < SIO_REDIS_N_SLOTS;
}

/* [first slot, last slot, primary, replica...] */
static void
read_range(sio_redis_slots *slots, const redisReply *range, const sio_redis_place *asked)
{
    sio_redis_place place;
    unsigned        owner;

    if (range->type != REDIS_REPLY_ARRAY || range->elements < 3 || !is_slot(range->element[0]) ||
        !is_slot(range->element[1]) || !read_node(range->element[2], asked, &place))
        return;
    owner = sio_redis_slots_add(slots, &place);
    for (long long slot = range->element[0]->integer; slot <= range->element[1]->integer; slot++)
        slots->owner[slot] = (uint8_t)owner;
}

int
sio_redis_slots_read(sio_redis_slots *slots, const redisReply *reply, const sio_redis_place *asked)
{
    sio_redis_slots_init(slots);
    if (reply->type != REDIS_REPLY_ARRAY)
        return SIO_BAD;
    for (size_t i = 0; i < reply->elements && i < SIO_REDIS_N_SLOTS; i++)
        read_range(slots, reply->element[i], asked);
    return SIO_OK;
}

/* --- Somewhere else. --- */

static bool
skip_word(sio_view *rest, sio_view word)
{
    if (rest->len < word.len || memcmp(rest->data, word.data, word.len) != 0)
        return false;
    *rest = (sio_view){rest->data + word.len, rest->len - word.len};
    return true;
}

/* The text up to this letter, which is skipped; the last one of them, or the first. */
static bool
take_until(sio_view *rest, char end, bool is_last, sio_view *out)
{
    const char *at = NULL;

    if (rest->len > 0)
        at = is_last ? memrchr(rest->data, end, rest->len) : memchr(rest->data, end, rest->len);
    if (at == NULL)
        return false;
    *out = (sio_view){rest->data, (size_t)(at - rest->data)};
    *rest = (sio_view){at + 1, rest->len - out->len - 1};
    return true;
}

sio_redis_redirect
sio_redis_slots_read_redirect(sio_view error, const sio_redis_place *asked, sio_redis_place *to)
{
    const bool      is_moved = skip_word(&error, SIO_VIEW("MOVED "));
    sio_redis_place place = *asked;
    sio_view        slot, host;
    size_t          number = 0, port = 0;

    if (!is_moved && !skip_word(&error, SIO_VIEW("ASK ")))
        return SIO_REDIS_NO_REDIRECT;
    /* An IPv6 address has no brackets here. */
    if (!take_until(&error, ' ', false, &slot) || !take_until(&error, ':', true, &host) ||
        sio_whole_number(slot, SIO_REDIS_N_SLOTS - 1, &number) != SIO_OK ||
        sio_whole_number(error, MAX_PORT, &port) != SIO_OK || port == 0)
        return SIO_REDIS_NO_REDIRECT;
    if (host.len > 0 && !sio_redis_place_set_host(&place, host))
        return SIO_REDIS_NO_REDIRECT;
    place.port = (uint16_t)port;
    *to = place;
    return is_moved ? SIO_REDIS_MOVED : SIO_REDIS_ASK;
}
