/*
 * store/hash.h - intrusive hash table with string keys that may come from an enemy.
 *
 * Used by store/ for handshakes and by server/ for sessions. The node lives in
 * the caller's object, so the table never allocates one. Keys are hashed with
 * SipHash-2-4 under a random seed of each table: nobody outside can choose keys
 * that meet in one chain.
 *
 * The table grows by one slot at a time (linear hashing): no insertion pays for
 * moving everybody else. It does not shrink. Not safe from several threads.
 */
#ifndef SIO_STORE_HASH_H
#define SIO_STORE_HASH_H

#include "protocol/view.h"

#include <stddef.h>
#include <stdint.h>

typedef struct sio_hash_node {
    struct sio_hash_node *next; /* private: the chain */
    uint64_t              hash; /* private */
    sio_view              key; /* set before inserting; must live and stay the same until removal */
} sio_hash_node;

typedef struct {
    sio_hash_node **slots;
    size_t          n_slots;
    size_t          n_allocated; /* slots there is memory for */
    size_t          mask;        /* 2^k - 1, the smallest that covers n_slots */
    size_t          n_items;
    size_t          any_from; /* slot where sio_hash_any found something last */
    uint64_t        seed[2];
} sio_hash;

/*
 * Make an empty table. Returns SIO_OK, SIO_ERR_NOMEM, or SIO_ERR_SYS when the
 * system has no random numbers. After a failure sio_hash_fini is still allowed.
 */
int sio_hash_init(sio_hash *h);

/* Free the table's own memory; nodes that are still inside are left to their owners. */
void sio_hash_fini(sio_hash *h);

/*
 * Add a node whose key is not in the table yet. Cannot fail: when there is no
 * memory for another slot, the chains become longer.
 */
void sio_hash_insert(sio_hash *h, sio_hash_node *node);

/* The node with this key, or NULL. */
sio_hash_node *sio_hash_find(const sio_hash *h, sio_view key);

/*
 * Some node, or NULL when the table is empty. For emptying it: a loop that takes
 * out what this gives passes over every slot once.
 */
sio_hash_node *sio_hash_any(sio_hash *h);

/*
 * The node after this one in no particular order, or the first one after NULL; NULL: there is none
 * left. The table may not change in between.
 */
sio_hash_node *sio_hash_next(const sio_hash *h, const sio_hash_node *node);

/*
 * Call fn for the nodes of the next slots: n_steps, of which each slot and each node is one, and
 * the rest of the last chain. from: 0 at first, then what the call before has returned, until that
 * is 0.
 * The table may change in between: a node that is there all the time is seen, maybe twice. fn may
 * not change it.
 */
size_t sio_hash_scan(const sio_hash *h, size_t from, size_t n_steps,
                     void (*fn)(sio_hash_node *node, void *arg), void *arg);

/* Take out a node that is in the table. */
void sio_hash_remove(sio_hash *h, sio_hash_node *node);

/* SipHash-2-4 of text (Aumasson and Bernstein, 2012); exposed for its test vectors. */
uint64_t sio_hash_siphash(const uint64_t seed[2], sio_view text);

#endif
