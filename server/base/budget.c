#include "server/base/budget.h"

#include <arpa/inet.h>
#include <string.h>

#include "protocol/json.h"
#include "server/base/env.h"
#include "server/base/memory_limit.h"

/* Ending a session may tell everybody in its rooms, so others are served between two lots. */
enum { EVICTIONS_AT_ONCE = 100, REST_MS = 200, SHARE_OF_MEMORY = 2, SQUEEZED_PART = 8 };

/* --- Giving up. --- */

static size_t
total_of(const sio_budget *b)
{
    return b->accounts.n_bytes + b->n_waiting;
}

/* A part of the limit. What waits is weighed only when it is more, and then so much has to go. */
static size_t
part_of(const sio_budget *b)
{
    return b->max_bytes / 8;
}

/* Is it what clients make the server keep that is too much, or what waits for them? */
static bool
keeps_too_much(const sio_budget *b)
{
    return b->accounts.n_bytes > b->max_bytes - part_of(b);
}

/* How many gave up. */
static unsigned
give_up_kept(sio_budget *b)
{
    unsigned n = 0;

    while (n < EVICTIONS_AT_ONCE && total_of(b) > b->max_bytes &&
           sio_accounts_evict(&b->accounts, false))
        n++;
    return n;
}

static unsigned
give_up_waiting(sio_budget *b)
{
    const size_t goal = b->max_bytes - part_of(b);
    unsigned     n = 0;

    for (unsigned i = 0; i < b->n_scales; i++)
        b->weigh[i](b->env);
    sio_accounts_spare_light(&b->accounts);
    while (n < EVICTIONS_AT_ONCE && total_of(b) > goal && sio_accounts_evict_waiting(&b->accounts))
        n++;
    return n;
}

static void
log_excess(const sio_budget *b)
{
    sio_log_limit_write(&b->env->log_limits, SIO_LOG_FAILURE, NULL,
                        "clients keep %zu bytes, and %zu wait for them, of \"max client bytes\" "
                        "%zu: the heaviest address gives up",
                        b->accounts.n_bytes, b->n_waiting, b->max_bytes);
}

static bool
is_exceeded(const sio_budget *b)
{
    return total_of(b) > b->max_bytes;
}

static void
on_budget_timer(sio_timer *timer)
{
    sio_budget *b = SIO_CONTAINER(timer, sio_budget, timer);
    unsigned    n = 0;

    if (is_exceeded(b))
        log_excess(b);
    if (is_exceeded(b) || b->has_more_to_do)
        n = keeps_too_much(b) ? give_up_kept(b) : give_up_waiting(b);
    b->has_more_to_do = n == EVICTIONS_AT_ONCE;
    b->is_tight = total_of(b) > b->max_bytes + part_of(b);
    if (n > 0 && (is_exceeded(b) || b->has_more_to_do))
        sio_timer_set(&b->env->timers, timer, 0);
    else if (is_exceeded(b)) /* nobody can */
        sio_timer_set(&b->env->timers, timer, REST_MS);
}

/* At the next turn: whoever grows is in the middle of something. */
void
sio_budget_note_excess(sio_budget *b)
{
    b->is_tight = total_of(b) > b->max_bytes + part_of(b);
    if (!sio_timer_armed(&b->timer))
        sio_timer_set(&b->env->timers, &b->timer, 0);
}

static void
note_growth(sio_env *env)
{
    if (is_exceeded(&env->budget))
        sio_budget_note_excess(&env->budget);
}

/* --- Life. --- */

int
sio_budget_init(sio_env *env)
{
    sio_budget *b = &env->budget;

    b->env = env;
    b->max_bytes = b->most_bytes = SIZE_MAX;
    b->timer.fire = on_budget_timer;
    return sio_accounts_init(&b->accounts);
}

void
sio_budget_fini(sio_env *env)
{
    sio_timer_cancel(&env->timers, &env->budget.timer);
    sio_accounts_fini(&env->budget.accounts);
}

void
sio_budget_open(sio_env *env, size_t max_bytes)
{
    env->budget.most_bytes =
        max_bytes > 0 ? max_bytes : (size_t)(sio_memory_limit() / SHARE_OF_MEMORY);
    sio_budget_relax(env);
    note_growth(env); /* with less than before it may be too much already */
}

void
sio_budget_squeeze(sio_env *env)
{
    const size_t total = total_of(&env->budget);

    env->budget.max_bytes = total - total / SQUEEZED_PART;
    note_growth(env);
}

void
sio_budget_relax(sio_env *env)
{
    env->budget.max_bytes = env->budget.most_bytes;
}

void
sio_budget_add_scale(sio_env *env, void (*weigh)(sio_env *env))
{
    env->budget.weigh[env->budget.n_scales++] = weigh;
}

/* --- Accounts. --- */

sio_view
sio_budget_key(const uint8_t *address, size_t n_bytes, uint8_t key[SIO_BUDGET_KEY_MAX])
{
    const size_t len = n_bytes < SIO_BUDGET_KEY_MAX ? n_bytes : SIO_BUDGET_KEY_MAX;

    memcpy(key, address, len);
    return (sio_view){(const char *)key, len};
}

sio_view
sio_budget_key_of_record(sio_view record, uint8_t key[SIO_BUDGET_KEY_MAX])
{
    sio_json_field outer = {.name = SIO_VIEW("address")}, inner = {.name = SIO_VIEW("address")};
    char           text[INET6_ADDRSTRLEN];
    uint8_t        address[16];

    if (sio_json_pick(record, SIO_JSON_MAX_DEPTH, &outer, 1) != SIO_OK ||
        sio_json_pick(outer.value, SIO_JSON_MAX_DEPTH, &inner, 1) != SIO_OK ||
        inner.value.len < 2 || inner.value.len - 2 >= sizeof text)
        return SIO_VIEW("");
    memcpy(text, inner.value.data + 1,
           inner.value.len - 2); /* no character of it needs an escape */
    text[inner.value.len - 2] = '\0';
    if (inet_pton(AF_INET, text, address) == 1)
        return sio_budget_key(address, 4, key);
    return inet_pton(AF_INET6, text, address) == 1 ? sio_budget_key(address, 16, key)
                                                   : SIO_VIEW("");
}

int
sio_budget_begin(sio_env *env, sio_charge *c, sio_view key, size_t n_bytes)
{
    const int rc = sio_charge_begin(c, &env->budget.accounts, key, n_bytes);

    note_growth(env);
    return rc;
}

void
sio_budget_add(sio_env *env, sio_charge *c, size_t n_bytes)
{
    sio_charge_add(c, n_bytes);
    note_growth(env);
}
