#include "server/handler/handshake_limits.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/engine/session.h"
#include "server/engine/watcher.h"
#include "server/handler/handlers.h"
#include "server/http/client_address.h"

/* One of 0.9 that waits for its client, as far as this instance knows. */
typedef struct {
    sio_hash_node node;
    sio_charge    charge;
    sio_timer     timer; /* until the store forgets it */
    sio_env      *env;
    char          id[SIO_SESSION_ID_MAX + 1];
} unused_handshake;

/* --- Sessions. --- */

/* How many sessions and handshakes of that account there are. */
static unsigned
count_of(const sio_env *env, sio_view key)
{
    return sio_accounts_count(&env->budget.accounts, key) +
           sio_accounts_count(&env->handlers->unused09.accounts, key);
}

static bool
address_has_room(const sio_env *env, sio_view key)
{
    const unsigned max = env->cfg->max_sessions_per_address;

    return max == 0 || count_of(env, key) < max;
}

static bool
is_in_time(sio_env *env, sio_view key)
{
    const unsigned max = env->cfg->max_handshakes_per_address;

    return max == 0 || sio_handshake_rate_admit(&env->handlers->handshake_rate, key, max,
                                                sio_timer_wheel_now_ms(&env->timers));
}

/* Among all. */
static bool
has_handshake_room(sio_env *env)
{
    const sio_cfg *cfg = env->cfg;
    sio_accounts  *all = &env->budget.accounts;

    if (cfg->max_sessions > 0 && env->stats.sessions >= cfg->max_sessions &&
        !sio_accounts_evict(all, false))
        return false;
    return env->engine->n_fresh < cfg->max_unused_handshakes || sio_accounts_evict(all, true);
}

unsigned
sio_handshake_limits_refuse(const sio_exchange *x, const sio_http_request *head)
{
    sio_env          *env = x->env;
    const sio_address client = sio_client_address(x, head);
    uint8_t           bytes[SIO_BUDGET_KEY_MAX];
    const sio_view    key = sio_address_account(&client, bytes);
    const bool        is_proxy = sio_client_address_is_trusted(env, &client);

    if (env->memory_guard.is_scarce) {
        env->stats.memory_refusals++;
        return 503;
    }
    if (!is_proxy && !address_has_room(env, key))
        return 503;
    if (!is_proxy && !is_in_time(env, key))
        return 429;
    return has_handshake_room(env) ? 0 : 503;
}

/* --- Handshakes of 0.9. --- */

static void
unused_free(unused_handshake *u)
{
    sio_hash_remove(&u->env->handlers->unused09.by_id, &u->node);
    sio_charge_end(&u->charge);
    sio_timer_cancel(&u->env->timers, &u->timer);
    free(u);
}

static void
on_unused_expired(sio_timer *timer)
{
    unused_free(SIO_CONTAINER(timer, unused_handshake, timer));
}

static void
on_dropped(void *arg, int rc, sio_view data)
{
    (void)arg;
    (void)rc; /* it is gone, or its client was faster */
    (void)data;
}

static void
on_unused_evicted(sio_charge *c)
{
    unused_handshake *u = SIO_CONTAINER(c, unused_handshake, charge);
    sio_env          *env = u->env;

    env->stats.evicted++;
    (void)sio_store_handshake_take(env->store, u->node.key, on_dropped, NULL);
    unused_free(u);
}

int
sio_unused_handshakes_init(sio_env *env)
{
    sio_unused_handshakes *all = &env->handlers->unused09;
    const int              rc = sio_accounts_init(&all->accounts);

    return rc != SIO_OK ? rc : sio_hash_init(&all->by_id);
}

void
sio_unused_handshakes_fini(sio_env *env)
{
    sio_unused_handshakes *all = &env->handlers->unused09;
    sio_hash_node         *node;

    while ((node = sio_hash_any(&all->by_id)) != NULL)
        unused_free(SIO_CONTAINER(node, unused_handshake, node));
    sio_hash_fini(&all->by_id);
    sio_accounts_fini(&all->accounts);
}

void
sio_unused_handshakes_add(sio_env *env, sio_view id, sio_view record)
{
    sio_unused_handshakes *all = &env->handlers->unused09;
    unused_handshake      *u = calloc(1, sizeof *u);
    uint8_t                key[SIO_BUDGET_KEY_MAX];

    if (u == NULL || id.len > SIO_SESSION_ID_MAX) {
        free(u);
        return;
    }
    u->env = env;
    memcpy(u->id, id.data, id.len);
    u->node.key = (sio_view){u->id, id.len};
    u->charge.evict = on_unused_evicted;
    u->timer.fire = on_unused_expired;
    if (sio_charge_begin(&u->charge, &all->accounts, sio_budget_key_of_record(record, key),
                         sizeof *u + record.len) != SIO_OK) {
        free(u);
        return;
    }
    sio_hash_insert(&all->by_id, &u->node);
    sio_timer_set(&env->timers, &u->timer, env->cfg->handshake_timeout_ms);
}

void
sio_unused_handshakes_drop(sio_env *env, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&env->handlers->unused09.by_id, id);

    if (node != NULL)
        unused_free(SIO_CONTAINER(node, unused_handshake, node));
}

static void
on_handshake_opened(sio_session *s)
{
    sio_unused_handshakes_drop(s->env, s->node.key);
}

const sio_watcher sio_unused_handshakes_watcher = {.opened = on_handshake_opened};

bool
sio_unused_handshakes_evict(sio_env *env)
{
    return sio_accounts_evict(&env->handlers->unused09.accounts, true);
}
