#include "server/base/budget.h"

#include <arpa/inet.h>
#include <string.h>

#include "protocol/json.h"
#include "server/base/env.h"
#include "server/base/memory_limit.h"

/* Ending a session may tell everybody in its rooms, so others are served between two lots. */
enum { EVICTIONS_AT_ONCE = 100, SHARE_OF_MEMORY = 2 };

/* --- Giving up. --- */

static bool
is_exceeded(const sio_budget *b)
{
    return b->accounts.n_bytes > b->max_bytes;
}

static void
on_budget_timer(sio_timer *timer)
{
    sio_budget *b = SIO_CONTAINER(timer, sio_budget, timer);
    sio_env    *env = b->env;

    sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, NULL,
                        "clients keep %zu bytes, of \"max client bytes\" %zu: the heaviest address "
                        "gives up",
                        b->accounts.n_bytes, b->max_bytes);
    for (unsigned n = 0; n < EVICTIONS_AT_ONCE && is_exceeded(b); n++)
        if (!sio_accounts_evict(&b->accounts, false))
            return;
    if (is_exceeded(b))
        sio_timer_set(&env->timers, timer, 0);
}

/* At the next turn: whoever grows is in the middle of something. */
static void
note_growth(sio_env *env)
{
    sio_budget *b = &env->budget;

    if (is_exceeded(b) && !sio_timer_armed(&b->timer))
        sio_timer_set(&env->timers, &b->timer, 0);
}

/* --- Life. --- */

int
sio_budget_init(sio_env *env)
{
    sio_budget *b = &env->budget;

    b->env = env;
    b->max_bytes = SIZE_MAX;
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
    env->budget.max_bytes =
        max_bytes > 0 ? max_bytes : (size_t)(sio_memory_limit() / SHARE_OF_MEMORY);
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
