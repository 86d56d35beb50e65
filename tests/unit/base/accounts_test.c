/*
 * tests/unit/base/accounts_test.c - server/base/accounts.c: who pays, and that nothing is lost
 * count of.
 */
#include "server/base/accounts.h"

#include <stdlib.h>

#include "protocol/result.h"
#include "tests/unit/check.h"

enum { N_CHARGES = 300, N_ADDRESSES = 20, N_STEPS = 50000 };

typedef struct {
    sio_charge charge;
    unsigned   address;
    size_t     n_bytes; /* what the model knows */
    bool       is_counted;
} item;

static sio_accounts all;
static item         items[N_CHARGES];
static item        *evicted; /* the last one */

static void
on_evicted(sio_charge *c)
{
    evicted = SIO_CONTAINER(c, item, charge);
    evicted->is_counted = false;
}

static void
begin(unsigned i, unsigned address, size_t n_bytes)
{
    const char key[] = {(char)address};
    item      *it = &items[i];

    it->charge.evict = on_evicted;
    CHECK_INT(sio_charge_begin(&it->charge, &all, (sio_view){key, 1}, n_bytes), SIO_OK);
    it->address = address;
    it->n_bytes = n_bytes;
    it->is_counted = true;
}

static void
end_all(void)
{
    for (unsigned i = 0; i < N_CHARGES; i++) {
        if (items[i].is_counted)
            sio_charge_end(&items[i].charge);
        items[i] = (item){.is_counted = false};
    }
    CHECK_INT(all.n_bytes, 0);
    CHECK_INT(all.by_key.n_items, 0);
}

static void
test_the_heaviest_pays_the_oldest_first(void)
{
    begin(0, 1, 100);
    begin(1, 2, 10000);
    begin(2, 2, 50000);
    begin(3, 3, 20000);
    CHECK(sio_accounts_evict(&all, false) && evicted == &items[1]);
    CHECK(sio_accounts_evict(&all, false) && evicted == &items[2]);
    CHECK(sio_accounts_evict(&all, false) && evicted == &items[3]);
    CHECK(sio_accounts_evict(&all, false) && evicted == &items[0]);
    CHECK(!sio_accounts_evict(&all, false));
    end_all();
}

static void
test_what_is_unused_goes_before_what_is_used(void)
{
    begin(0, 1, 1000);
    begin(1, 1, 1000);
    begin(2, 1, 1000);
    sio_charge_use(&items[0].charge);
    sio_charge_use(&items[2].charge);
    CHECK(sio_accounts_evict(&all, true) && evicted == &items[1]);
    CHECK(!sio_accounts_evict(&all, true));
    CHECK(sio_accounts_evict(&all, false) && evicted == &items[0]);
    end_all();
}

static void
test_a_heavy_account_without_unused_charges_shields_nobody(void)
{
    begin(0, 1, 1u << 20);
    sio_charge_use(&items[0].charge);
    begin(1, 2, 1000);
    CHECK(sio_accounts_evict(&all, true) && evicted == &items[1]);
    end_all();
}

/* The address for which most waits pays, whatever else it keeps; nobody for whom little waits. */
static void
test_who_pays_for_what_waits(void)
{
    begin(0, 1, 1u << 20);
    begin(1, 2, 100);
    begin(2, 2, 100);
    begin(3, 2, 100);
    begin(4, 3, 100);
    CHECK(!sio_accounts_evict_waiting(&all));
    sio_charge_await(&items[1].charge, 100);
    sio_charge_await(&items[2].charge, 5000);
    sio_charge_await(&items[3].charge, 4000);
    sio_charge_await(&items[4].charge, 3000);
    CHECK_INT(all.n_waiting, 12100);
    sio_accounts_spare_light(&all);
    CHECK_INT(all.n_waiting, 12000);
    CHECK(sio_accounts_evict_waiting(&all) && evicted == &items[2]);
    CHECK_INT(evicted->charge.n_waiting, 5000);
    sio_charge_await(&items[3].charge, 1000);
    CHECK(sio_accounts_evict_waiting(&all) && evicted == &items[4]);
    CHECK(sio_accounts_evict_waiting(&all) && evicted == &items[3]);
    CHECK(!sio_accounts_evict_waiting(&all));
    CHECK(all.n_waiting == 0 && all.n_behind == 0);
    CHECK(sio_accounts_evict(&all, false) && evicted == &items[0]);
    CHECK(sio_accounts_evict(&all, false) && evicted == &items[1]);
    CHECK_INT(all.n_bytes, 0);
    end_all();
}

static void
test_who_is_behind_pays_for_the_rest_last(void)
{
    begin(0, 1, 100);
    begin(1, 1, 100);
    sio_charge_await(&items[0].charge, 100);
    sio_charge_use(&items[0].charge);
    CHECK(sio_accounts_evict(&all, false) && evicted == &items[1]);
    CHECK(!sio_accounts_evict(&all, true));
    CHECK(sio_accounts_evict(&all, false) && evicted == &items[0]);
    sio_charge_await(&items[0].charge, 100); /* it is not counted any more */
    CHECK(!sio_accounts_evict_waiting(&all));
    end_all();
}

static void
test_charges_of_an_address_are_counted(void)
{
    const char key[] = {1};

    CHECK_INT(sio_accounts_count(&all, (sio_view){key, 1}), 0);
    begin(0, 1, 10);
    begin(1, 1, 10);
    begin(2, 2, 10);
    CHECK_INT(sio_accounts_count(&all, (sio_view){key, 1}), 2);
    sio_charge_end(&items[0].charge);
    sio_charge_end(&items[0].charge); /* twice is harmless */
    CHECK_INT(sio_accounts_count(&all, (sio_view){key, 1}), 1);
    end_all();
}

static void
test_a_charge_that_is_not_counted_may_change(void)
{
    sio_charge c = {.account = NULL};

    sio_charge_add(&c, 10);
    sio_charge_sub(&c, 10);
    sio_charge_use(&c);
    sio_charge_end(&c);
    CHECK_INT(all.n_bytes, 0);
}

/* What the heaviest address has, by the model. */
static size_t
heaviest(void)
{
    size_t sums[N_ADDRESSES] = {0}, most = 0;

    for (unsigned i = 0; i < N_CHARGES; i++)
        if (items[i].is_counted)
            sums[items[i].address] += items[i].n_bytes;
    for (unsigned i = 0; i < N_ADDRESSES; i++)
        most = sums[i] > most ? sums[i] : most;
    return most;
}

static size_t
weight_by_model(unsigned address)
{
    size_t sum = 0;

    for (unsigned i = 0; i < N_CHARGES; i++)
        if (items[i].is_counted && items[i].address == address)
            sum += items[i].n_bytes;
    return sum;
}

static void
evict_one(void)
{
    const size_t most = heaviest();

    evicted = NULL;
    if (!sio_accounts_evict(&all, false))
        return;
    evicted->is_counted = true;
    CHECK(weight_by_model(evicted->address) + 512 >= most / 2); /* an account itself is counted */
    evicted->is_counted = false;
}

static void
step(unsigned i, unsigned what)
{
    item *it = &items[i];

    if (!it->is_counted) {
        begin(i, (unsigned)rand() % N_ADDRESSES, (size_t)rand() % 5000);
    } else if (what == 0) {
        sio_charge_end(&it->charge);
        it->is_counted = false;
    } else if (what == 1) {
        sio_charge_add(&it->charge, 3000);
        it->n_bytes += 3000;
    } else if (what == 2 && it->n_bytes >= 3000) {
        sio_charge_sub(&it->charge, 3000);
        it->n_bytes -= 3000;
    } else if (what == 3) {
        sio_charge_use(&it->charge);
    } else {
        evict_one();
    }
}

static void
test_against_a_model(void)
{
    srand(1);
    for (unsigned n = 0; n < N_STEPS; n++) {
        size_t sum = 0;

        step((unsigned)rand() % N_CHARGES, (unsigned)rand() % 5);
        if (n % 100 != 0)
            continue;
        for (unsigned i = 0; i < N_CHARGES; i++)
            if (items[i].is_counted)
                sum += items[i].charge.n_bytes;
        CHECK(all.n_bytes == sum + all.by_key.n_items * 256);
    }
    end_all();
}

int
main(void)
{
    if (sio_accounts_init(&all) != SIO_OK)
        return 1;
    RUN(test_the_heaviest_pays_the_oldest_first);
    RUN(test_what_is_unused_goes_before_what_is_used);
    RUN(test_a_heavy_account_without_unused_charges_shields_nobody);
    RUN(test_who_pays_for_what_waits);
    RUN(test_who_is_behind_pays_for_the_rest_last);
    RUN(test_charges_of_an_address_are_counted);
    RUN(test_a_charge_that_is_not_counted_may_change);
    RUN(test_against_a_model);
    sio_accounts_fini(&all);
    return check_done();
}
