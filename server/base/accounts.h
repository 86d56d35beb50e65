/*
 * server/base/accounts.h - what clients make a server keep, counted for each address they come
 * from.
 *
 * Whatever a client can make grow (its session, its handshake, the names of its rooms, what it may
 * come back to) is a charge on the account of its address. The sum of all charges has a limit. Over
 * it the heaviest account pays, the oldest charge first, and charges that no request has come for
 * before all others: a stranger who takes much loses what he took, and nobody else anything.
 *
 * What waits to be sent to a client is none of that: packets are shared, so it has no weight that
 * adds up. It is weighed when too much waits (sio_charge_await()), and then the address pays for
 * which most waits.
 *
 * Pure bookkeeping, and every operation is O(1): accounts lie in lists by the power of two of their
 * weight, and any of the topmost list is heavy enough.
 */
#ifndef SIO_BASE_ACCOUNTS_H
#define SIO_BASE_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/list.h"
#include "protocol/view.h"
#include "store/hash.h"

enum { SIO_ACCOUNT_KEY_MAX = 17, SIO_ACCOUNT_N_WEIGHTS = 64 };

typedef struct sio_accounts sio_accounts;
typedef struct sio_charge   sio_charge;

/* One address. It lives as long as it has charges. */
typedef struct {
    sio_hash_node node;
    sio_accounts *all;
    sio_link      link;         /* in all->by_weight */
    sio_link      waiting_link; /* in all->by_waiting; alone when nothing waits */
    sio_link      unused;       /* charges that no request has come for, the oldest first */
    sio_link      used;         /* the others, likewise */
    sio_link      behind;       /* those for which something waits, in no order */
    size_t        n_bytes;
    size_t        n_waiting;
    unsigned      n_charges;
    char          key[SIO_ACCOUNT_KEY_MAX];
} sio_account;

/* Embedded in what is kept. */
struct sio_charge {
    sio_link     link;    /* in a list of the account */
    sio_account *account; /* NULL: it is not counted */
    size_t       n_bytes;
    size_t       n_waiting; /* bytes to be sent, when they were weighed last */
    /* It was chosen to pay, for n_waiting if there is any: give the memory back. It is off the
     * account already. */
    void (*evict)(sio_charge *c);
};

struct sio_accounts {
    sio_hash by_key;
    sio_link by_weight[SIO_ACCOUNT_N_WEIGHTS];
    sio_link by_waiting[SIO_ACCOUNT_N_WEIGHTS];
    size_t   n_bytes;   /* of all */
    size_t   n_waiting; /* likewise */
    unsigned n_behind;  /* charges for which something waits */
};

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_accounts_fini() is still allowed. */
int  sio_accounts_init(sio_accounts *all);
void sio_accounts_fini(sio_accounts *all);

/* How many charges the account of that key has. */
unsigned sio_accounts_count(const sio_accounts *all, sio_view key);

/*
 * Make the heaviest one pay. only_unused: a charge that no request has come for, or nothing. False:
 * there was nobody to pay.
 */
bool sio_accounts_evict(sio_accounts *all, bool only_unused);

/* All have been weighed. For whom less waits than for half of the mean, nothing does. */
void sio_accounts_spare_light(sio_accounts *all);

/*
 * Make one pay for whom something waits, of the address for which most does. False: nothing waits
 * for anybody.
 */
bool sio_accounts_evict_waiting(sio_accounts *all);

/*
 * Begin to count c, with n_bytes, as unused. key: the address, SIO_ACCOUNT_KEY_MAX bytes at most.
 * SIO_OK or SIO_ERR_NOMEM, and then it is not counted.
 */
int sio_charge_begin(sio_charge *c, sio_accounts *all, sio_view key, size_t n_bytes);

/* So much waits to be sent for it, as far as it would come back. Nothing when it is not counted. */
void sio_charge_await(sio_charge *c, size_t n_waiting);

/* A request has come for it. */
void sio_charge_use(sio_charge *c);

/* It has become larger, or smaller. Nothing when it is not counted. */
void sio_charge_add(sio_charge *c, size_t n_bytes);
void sio_charge_sub(sio_charge *c, size_t n_bytes);

/* It is kept no longer. Nothing when it is not counted. */
void sio_charge_end(sio_charge *c);

#endif
