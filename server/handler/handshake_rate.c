#include "server/handler/handshake_rate.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/budget.h"

enum { SECOND_MS = 1000 };

/* An address. */
typedef struct {
    sio_hash_node node;
    unsigned      n; /* in this second */
    uint8_t       key[SIO_BUDGET_KEY_MAX];
} maker;

int
sio_handshake_rate_init(sio_handshake_rate *rate)
{
    rate->second_ms = 0;
    return sio_hash_init(&rate->by_key);
}

static void
forget_all_rates(sio_handshake_rate *rate)
{
    sio_hash_node *node;

    while ((node = sio_hash_any(&rate->by_key)) != NULL) {
        sio_hash_remove(&rate->by_key, node);
        free(SIO_CONTAINER(node, maker, node));
    }
}

void
sio_handshake_rate_fini(sio_handshake_rate *rate)
{
    forget_all_rates(rate);
    sio_hash_fini(&rate->by_key);
}

static maker *
find_or_add_maker(sio_handshake_rate *rate, sio_view key)
{
    sio_hash_node *node = sio_hash_find(&rate->by_key, key);
    maker         *m = node != NULL ? SIO_CONTAINER(node, maker, node) : calloc(1, sizeof *m);

    if (node != NULL || m == NULL)
        return m;
    memcpy(m->key, key.data, key.len);
    m->node.key = (sio_view){(const char *)m->key, key.len};
    sio_hash_insert(&rate->by_key, &m->node);
    return m;
}

bool
sio_handshake_rate_admit(sio_handshake_rate *rate, sio_view key, unsigned max, uint64_t now_ms)
{
    maker *m;

    if (now_ms - rate->second_ms >= SECOND_MS) {
        forget_all_rates(rate);
        rate->second_ms = now_ms;
    }
    if ((m = find_or_add_maker(rate, key)) == NULL)
        return true;
    return m->n < max && ++m->n > 0;
}
