#include "tests/unit/check.h"

#include "protocol/list.h"
#include "protocol/result.h"
#include "store/hash.h"

typedef struct {
    sio_hash_node node;
    char          key[24];
} item;

/* From the reference implementation: key 00..0f, message 00 01 02 ... of each length. */
static void
test_siphash_gives_the_published_vectors(void)
{
    static const uint64_t want[] = {0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a,
                                    0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d,
                                    0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462};
    const uint64_t        seed[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    char                  message[16];

    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (char)i;
    for (size_t n = 0; n < sizeof want / sizeof *want; n++)
        CHECK(sio_hash_siphash(seed, (sio_view){message, n}) == want[n]);
    CHECK(sio_hash_siphash(seed, (sio_view){message, 15}) == 0xa129ca6149be45e5);
}

static void
insert_many(sio_hash *h, item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        snprintf(items[i].key, sizeof items[i].key, "key%zu", i);
        items[i].node.key = sio_view_of(items[i].key);
        sio_hash_insert(h, &items[i].node);
    }
}

static void
test_every_key_is_found_at_every_size(void)
{
    enum { N = 600 };
    static item items[N];
    sio_hash    h;

    if (!CHECK_INT(sio_hash_init(&h), SIO_OK))
        return;
    CHECK(sio_hash_find(&h, SIO_VIEW("key0")) == NULL);
    for (size_t n = 0; n < N; n++) {
        snprintf(items[n].key, sizeof items[n].key, "key%zu", n);
        items[n].node.key = sio_view_of(items[n].key);
        sio_hash_insert(&h, &items[n].node);
        for (size_t i = 0; i <= n; i++)
            CHECK(sio_hash_find(&h, items[i].node.key) == &items[i].node);
    }
    CHECK(sio_hash_find(&h, SIO_VIEW("key600")) == NULL);
    CHECK(sio_hash_find(&h, SIO_VIEW("")) == NULL);
    CHECK_INT(h.n_items, N);
    sio_hash_fini(&h);
}

static void
test_removed_keys_are_gone_and_the_others_stay(void)
{
    enum { N = 5000 };
    static item items[N];
    sio_hash    h;

    if (!CHECK_INT(sio_hash_init(&h), SIO_OK))
        return;
    insert_many(&h, items, N);
    for (size_t i = 0; i < N; i += 3)
        sio_hash_remove(&h, &items[i].node);
    for (size_t i = 0; i < N; i++)
        CHECK(sio_hash_find(&h, items[i].node.key) == (i % 3 == 0 ? NULL : &items[i].node));
    for (size_t i = 0; i < N; i++)
        if (i % 3 != 0)
            sio_hash_remove(&h, &items[i].node);
    CHECK_INT(h.n_items, 0);
    sio_hash_fini(&h);
}

static void
test_any_empties_the_table(void)
{
    enum { N = 1000 };
    static item    items[N];
    sio_hash       h;
    sio_hash_node *node;
    size_t         n = 0;

    if (!CHECK_INT(sio_hash_init(&h), SIO_OK))
        return;
    CHECK(sio_hash_any(&h) == NULL);
    for (int round = 0; round < 2; round++) { /* also from where the first round ended */
        insert_many(&h, items, N);
        for (n = 0; (node = sio_hash_any(&h)) != NULL; n++)
            sio_hash_remove(&h, node);
        CHECK_INT(n, N);
    }
    sio_hash_fini(&h);
}

static void
test_two_tables_have_two_seeds(void)
{
    sio_hash a, b;

    if (!CHECK_INT(sio_hash_init(&a), SIO_OK) || !CHECK_INT(sio_hash_init(&b), SIO_OK))
        return;
    CHECK(a.seed[0] != b.seed[0] && a.seed[1] != b.seed[1]);
    sio_hash_fini(&a);
    sio_hash_fini(&b);
}

/* --- Scanning. --- */

enum { N_SCANNED = 500 };

static unsigned n_seen[2 * N_SCANNED];

static void
note_seen(sio_hash_node *node, void *arg)
{
    n_seen[SIO_CONTAINER(node, item, node) - (item *)arg]++;
}

static void
test_a_scan_sees_all(void)
{
    static item items[2 * N_SCANNED];
    sio_hash    h;
    size_t      from = 0, n_calls = 0;

    if (!CHECK_INT(sio_hash_init(&h), SIO_OK))
        return;
    CHECK_INT(sio_hash_scan(&h, 0, 1000, note_seen, items), 0);
    memset(n_seen, 0, sizeof n_seen);
    insert_many(&h, items, N_SCANNED);
    do
        from = sio_hash_scan(&h, from, 10, note_seen, items);
    while (n_calls++ < 1000 && from != 0);
    CHECK(n_calls > 50); /* a few at a time */
    for (size_t i = 0; i < N_SCANNED; i++)
        CHECK_INT(n_seen[i], 1);
    sio_hash_fini(&h);
}

/* What comes and goes meanwhile may be seen or not; the others are, whatever the table becomes. */
static void
test_a_scan_sees_all_that_stay(void)
{
    static item items[2 * N_SCANNED];
    sio_hash    h;
    size_t      from = 0, n = N_SCANNED, i;

    if (!CHECK_INT(sio_hash_init(&h), SIO_OK))
        return;
    memset(n_seen, 0, sizeof n_seen);
    insert_many(&h, items, N_SCANNED);
    do {
        from = sio_hash_scan(&h, from, 10, note_seen, items);
        for (i = 0; i < 20 && n < 2 * N_SCANNED; i++, n++) {
            snprintf(items[n].key, sizeof items[n].key, "key%zu", n);
            items[n].node.key = sio_view_of(items[n].key);
            sio_hash_insert(&h, &items[n].node);
        }
        if (from != 0 && n > N_SCANNED + 40 && h.n_items > N_SCANNED)
            sio_hash_remove(&h, &items[--n].node);
    } while (from != 0);
    for (i = 0; i < N_SCANNED; i++)
        CHECK(n_seen[i] >= 1);
    sio_hash_fini(&h);
}

int
main(void)
{
    RUN(test_siphash_gives_the_published_vectors);
    RUN(test_every_key_is_found_at_every_size);
    RUN(test_removed_keys_are_gone_and_the_others_stay);
    RUN(test_any_empties_the_table);
    RUN(test_two_tables_have_two_seeds);
    RUN(test_a_scan_sees_all);
    RUN(test_a_scan_sees_all_that_stay);
    return check_done();
}
