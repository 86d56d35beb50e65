#include "store/hash.h"

#include "protocol/result.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

enum { FIRST_SLOTS = 16 }; /* a power of two */

/* --- SipHash. --- */

static inline uint64_t
rotate_left(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate_left(v[1], 13) ^ v[0];
    v[3] = rotate_left(v[3], 16) ^ v[2];
    v[0] = rotate_left(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate_left(v[1], 17) ^ v[2];
    v[3] = rotate_left(v[3], 21) ^ v[0];
    v[2] = rotate_left(v[2], 32);
}

static inline void
sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    sip_round(v);
    v[0] ^= word;
}

/* Up to eight bytes as a little-endian number, whatever the machine's order is. */
static inline uint64_t
load(const char *p, size_t n)
{
    uint64_t word = 0;

    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)(unsigned char)p[i] << (8 * i);
    return word;
}

uint64_t
sio_hash_siphash(const uint64_t seed[2], sio_view text)
{
    uint64_t    v[4] = {seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
                        seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573};
    const char *bytes = text.len > 0 ? text.data : ""; /* an empty view may have none */
    size_t      i;

    if (text.len == 0)
        text.data = ""; /* an empty view may have none */
    for (i = 0; i + 8 <= text.len; i += 8)
        sip_word(v, load(bytes + i, 8));
    sip_word(v, load(bytes + i, text.len - i) | (uint64_t)text.len << 56);
    v[2] ^= 0xff;
    for (int n = 0; n < 4; n++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* --- The table. --- */

int
sio_hash_init(sio_hash *h)
{
    *h = (sio_hash){.slots = NULL};
    if (getrandom(h->seed, sizeof h->seed, 0) != (ssize_t)sizeof h->seed)
        return SIO_ERR_SYS;
    h->slots = calloc(FIRST_SLOTS, sizeof(sio_hash_node *));
    if (h->slots == NULL)
        return SIO_ERR_NOMEM;
    h->n_slots = h->n_allocated = FIRST_SLOTS;
    h->mask = FIRST_SLOTS - 1;
    return SIO_OK;
}

void
sio_hash_fini(sio_hash *h)
{
    free(h->slots);
    *h = (sio_hash){.slots = NULL};
}

/* The slots above n_slots do not exist yet: their nodes wait in the lower half. */
static sio_hash_node **
slot_of(const sio_hash *h, uint64_t hash)
{
    const size_t i = (size_t)hash & h->mask;

    return &h->slots[i < h->n_slots ? i : i & h->mask >> 1];
}

/*
 * Memory for one more slot; doubled each time, so that the copying is paid for by the insertions.
 */
static bool
reserve_slot(sio_hash *h)
{
    sio_hash_node **slots;

    if (h->n_slots < h->n_allocated)
        return true;
    if (h->n_allocated > SIZE_MAX / 2 / sizeof(sio_hash_node *))
        return false;
    slots = realloc(h->slots, 2 * h->n_allocated * sizeof(sio_hash_node *));
    if (slots == NULL)
        return false;
    h->slots = slots;
    h->n_allocated *= 2;
    return true;
}

/* Add one slot at the end and give it its nodes, which all are in the slot that it splits from. */
static void
split_slot(sio_hash *h)
{
    const size_t    added = h->n_slots;
    sio_hash_node **from, *kept = NULL, *moved = NULL, *node, *next;

    if (!reserve_slot(h))
        return;
    if (added > h->mask)
        h->mask = 2 * h->mask + 1;
    from = &h->slots[added & h->mask >> 1];
    for (node = *from; node != NULL; node = next) {
        sio_hash_node **to = ((size_t)node->hash & h->mask) == added ? &moved : &kept;

        next = node->next;
        node->next = *to;
        *to = node;
    }
    *from = kept;
    h->slots[added] = moved;
    h->n_slots++;
}

void
sio_hash_insert(sio_hash *h, sio_hash_node *node)
{
    sio_hash_node **slot;

    if (h->n_items >= h->n_slots)
        split_slot(h);
    node->hash = sio_hash_siphash(h->seed, node->key);
    slot = slot_of(h, node->hash);
    node->next = *slot;
    *slot = node;
    h->n_items++;
}

sio_hash_node *
sio_hash_find(const sio_hash *h, sio_view key)
{
    const uint64_t hash = sio_hash_siphash(h->seed, key);

    for (sio_hash_node *node = *slot_of(h, hash); node != NULL; node = node->next)
        if (node->hash == hash && sio_view_eq(node->key, key))
            return node;
    return NULL;
}

sio_hash_node *
sio_hash_any(sio_hash *h)
{
    if (h->n_items == 0)
        return NULL;
    while (h->slots[h->any_from] == NULL)
        h->any_from = (h->any_from + 1) % h->n_slots;
    return h->slots[h->any_from];
}

sio_hash_node *
sio_hash_next(const sio_hash *h, const sio_hash_node *node)
{
    sio_hash_node **slot = h->slots, **end = h->slots + h->n_slots;

    if (node != NULL && node->next != NULL)
        return node->next;
    if (node != NULL)
        slot = slot_of(h, node->hash) + 1;
    while (slot < end && *slot == NULL)
        slot++;
    return slot < end ? *slot : NULL;
}

/* A new slot is behind all others, and takes nodes of one before it: nothing gets out of sight. */
size_t
sio_hash_scan(const sio_hash *h, size_t from, size_t n_steps,
              void (*fn)(sio_hash_node *node, void *arg), void *arg)
{
    size_t n = 0, slot = from;

    for (; slot < h->n_slots && n < n_steps; slot++, n++)
        for (sio_hash_node *node = h->slots[slot]; node != NULL; node = node->next, n++)
            fn(node, arg);
    return slot < h->n_slots ? slot : 0;
}

void
sio_hash_remove(sio_hash *h, sio_hash_node *node)
{
    sio_hash_node **at = slot_of(h, node->hash);

    while (*at != NULL && *at != node)
        at = &(*at)->next;
    assert(*at == node); /* the caller removes only what is inside */
    *at = node->next;
    node->next = NULL;
    h->n_items--;
}
