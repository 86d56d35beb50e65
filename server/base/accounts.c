#include "server/base/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"

/* An account in use costs something itself, so an address that only comes and goes is not free. */
enum { ACCOUNT_BYTES = 256, MOST_LOOKED_AT = 64 };

int
sio_accounts_init(sio_accounts *all)
{
    all->n_bytes = 0;
    all->n_waiting = 0;
    all->n_behind = 0;
    for (unsigned i = 0; i < SIO_ACCOUNT_N_WEIGHTS; i++) {
        sio_link_init(&all->by_weight[i]);
        sio_link_init(&all->by_waiting[i]);
    }
    return sio_hash_init(&all->by_key);
}

void
sio_accounts_fini(sio_accounts *all)
{
    sio_hash_fini(&all->by_key);
}

/* --- Accounts. --- */

static sio_account *
account_find(const sio_accounts *all, sio_view key)
{
    sio_hash_node *node = sio_hash_find(&all->by_key, key);

    return node != NULL ? SIO_CONTAINER(node, sio_account, node) : NULL;
}

/* 2^w <= n_bytes < 2^(w+1). */
static unsigned
weight_of(size_t n_bytes)
{
    return n_bytes == 0 ? 0 : 63 - (unsigned)__builtin_clzll(n_bytes);
}

static void
account_weigh(sio_account *a, size_t n_bytes)
{
    const bool moves = weight_of(a->n_bytes) != weight_of(n_bytes);

    a->all->n_bytes += n_bytes - a->n_bytes;
    a->n_bytes = n_bytes;
    if (!moves)
        return;
    sio_link_remove(&a->link);
    sio_link_append(&a->all->by_weight[weight_of(n_bytes)], &a->link);
}

static void
account_await(sio_account *a, size_t n_waiting)
{
    const bool moves = weight_of(a->n_waiting) != weight_of(n_waiting) ||
                       sio_link_empty(&a->waiting_link) != (n_waiting == 0);

    a->all->n_waiting += n_waiting - a->n_waiting;
    a->n_waiting = n_waiting;
    if (!moves)
        return;
    sio_link_remove(&a->waiting_link);
    if (n_waiting > 0)
        sio_link_append(&a->all->by_waiting[weight_of(n_waiting)], &a->waiting_link);
}

static sio_account *
account_new(sio_accounts *all, sio_view key)
{
    sio_account *a = calloc(1, sizeof *a);

    if (a == NULL || key.len > sizeof a->key) {
        free(a);
        return NULL;
    }
    a->all = all;
    memcpy(a->key, key.data, key.len);
    a->node.key = (sio_view){a->key, key.len};
    sio_link_init(&a->unused);
    sio_link_init(&a->used);
    sio_link_init(&a->behind);
    sio_link_init(&a->waiting_link);
    sio_link_init(&a->link);
    sio_link_append(&all->by_weight[0], &a->link);
    sio_hash_insert(&all->by_key, &a->node);
    account_weigh(a, ACCOUNT_BYTES);
    return a;
}

static void
account_free(sio_account *a)
{
    account_weigh(a, 0);
    sio_link_remove(&a->link);
    sio_hash_remove(&a->all->by_key, &a->node);
    free(a);
}

unsigned
sio_accounts_count(const sio_accounts *all, sio_view key)
{
    const sio_account *a = account_find(all, key);

    return a != NULL ? a->n_charges : 0;
}

/* --- Charges. --- */

int
sio_charge_begin(sio_charge *c, sio_accounts *all, sio_view key, size_t n_bytes)
{
    sio_account *a = account_find(all, key);

    if (a == NULL && (a = account_new(all, key)) == NULL)
        return SIO_ERR_NOMEM;
    c->account = a;
    c->n_bytes = n_bytes;
    c->n_waiting = 0;
    a->n_charges++;
    sio_link_init(&c->link);
    sio_link_append(&a->unused, &c->link);
    account_weigh(a, a->n_bytes + n_bytes);
    return SIO_OK;
}

void
sio_charge_await(sio_charge *c, size_t n_waiting)
{
    sio_account *a = c->account;
    const bool   was_behind = c->n_waiting > 0, is_behind = n_waiting > 0;

    if (a == NULL || (!was_behind && !is_behind))
        return;
    account_await(a, a->n_waiting - c->n_waiting + n_waiting);
    c->n_waiting = n_waiting;
    if (was_behind == is_behind)
        return;
    a->all->n_behind += is_behind ? 1 : -1u;
    sio_link_remove(&c->link);
    sio_link_append(is_behind ? &a->behind : &a->used, &c->link);
}

void
sio_charge_use(sio_charge *c)
{
    if (c->account == NULL || c->n_waiting > 0)
        return;
    sio_link_remove(&c->link);
    sio_link_append(&c->account->used, &c->link);
}

void
sio_charge_add(sio_charge *c, size_t n_bytes)
{
    if (c->account == NULL)
        return;
    c->n_bytes += n_bytes;
    account_weigh(c->account, c->account->n_bytes + n_bytes);
}

void
sio_charge_sub(sio_charge *c, size_t n_bytes)
{
    if (c->account == NULL)
        return;
    c->n_bytes -= n_bytes;
    account_weigh(c->account, c->account->n_bytes - n_bytes);
}

void
sio_charge_end(sio_charge *c)
{
    sio_account *a = c->account;

    if (a == NULL)
        return;
    if (c->n_waiting > 0) {
        account_await(a, a->n_waiting - c->n_waiting);
        a->all->n_behind--;
    }
    c->account = NULL;
    sio_link_remove(&c->link);
    account_weigh(a, a->n_bytes - c->n_bytes);
    if (--a->n_charges == 0)
        account_free(a);
}

/* --- Who pays. --- */

static sio_charge *
first_of(const sio_link *list)
{
    return sio_link_empty(list) ? NULL : SIO_CONTAINER(list->next, sio_charge, link);
}

static sio_charge *
payer_of(const sio_account *a, bool only_unused)
{
    sio_charge *c = first_of(&a->unused);

    if (c == NULL && !only_unused)
        c = first_of(&a->used);
    return c != NULL || only_unused ? c : first_of(&a->behind);
}

/* The heaviest account may have nothing that is unused; then one of the next, within reason. */
static sio_charge *
find_payer(sio_accounts *all, bool only_unused)
{
    unsigned n_looked_at = 0;

    for (unsigned w = SIO_ACCOUNT_N_WEIGHTS; w-- > 0;) {
        sio_link *list = &all->by_weight[w];

        for (sio_link *l = list->next; l != list; l = l->next) {
            sio_charge *c = payer_of(SIO_CONTAINER(l, sio_account, link), only_unused);

            if (c != NULL || ++n_looked_at >= MOST_LOOKED_AT)
                return c;
        }
    }
    return NULL;
}

bool
sio_accounts_evict(sio_accounts *all, bool only_unused)
{
    sio_charge *c = find_payer(all, only_unused);

    if (c == NULL)
        return false;
    sio_charge_end(c);
    c->evict(c);
    return true;
}

/* --- Who pays for what waits. --- */

static sio_account *
most_waiting(const sio_accounts *all)
{
    for (unsigned w = SIO_ACCOUNT_N_WEIGHTS; w-- > 0;)
        if (!sio_link_empty(&all->by_waiting[w]))
            return SIO_CONTAINER(all->by_waiting[w].next, sio_account, waiting_link);
    return NULL;
}

static void
account_spare_light(sio_account *a, size_t least)
{
    sio_link *next;

    for (sio_link *l = a->behind.next; l != &a->behind; l = next) {
        sio_charge *c = SIO_CONTAINER(l, sio_charge, link);

        next = l->next;
        if (c->n_waiting < least)
            sio_charge_await(c, 0);
    }
}

/* An account may move to a list that comes later, and is looked at twice then. */
void
sio_accounts_spare_light(sio_accounts *all)
{
    const size_t least = all->n_behind > 0 ? all->n_waiting / all->n_behind / 2 : 0;
    sio_link    *next;

    for (unsigned w = SIO_ACCOUNT_N_WEIGHTS; w-- > 0;) {
        for (sio_link *l = all->by_waiting[w].next; l != &all->by_waiting[w]; l = next) {
            next = l->next;
            account_spare_light(SIO_CONTAINER(l, sio_account, waiting_link), least);
        }
    }
}

bool
sio_accounts_evict_waiting(sio_accounts *all)
{
    sio_account *a = most_waiting(all);
    sio_charge  *c = a != NULL ? first_of(&a->behind) : NULL;

    if (c == NULL)
        return false;
    sio_charge_end(c);
    c->evict(c);
    return true;
}
