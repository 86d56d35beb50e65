#include "server/net/admission.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/net/net.h"

enum {
    SECOND_MS = 1000,
    OWN_DESCRIPTORS = 32,   /* Redis, log, event loop, libraries */
    ADMIN_DESCRIPTORS = 48, /* admin/admin.c: its connections and listeners */
    RESERVED_DESCRIPTORS = OWN_DESCRIPTORS + SIO_NET_MAX_DISMISSED
};

/* Connections of one address. */
typedef struct {
    sio_hash_node node;
    sio_address   address;
    unsigned      n;
} address_count;

static unsigned
descriptor_limit(const sio_cfg *cfg)
{
    const rlim_t reserved =
        RESERVED_DESCRIPTORS + (cfg->admin_listen.n > 0 ? (rlim_t)ADMIN_DESCRIPTORS : 0);
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 1U << 20)
        return 1U << 20;
    return limit.rlim_cur > 2 * reserved ? (unsigned)(limit.rlim_cur - reserved)
                                         : (unsigned)limit.rlim_cur / 2;
}

static unsigned
max_connections(const sio_env *env)
{
    const unsigned limit = descriptor_limit(env->cfg);
    const unsigned wanted = env->cfg->max_connections;

    return wanted == 0 || wanted > limit ? limit : wanted;
}

int
sio_admission_init(sio_admission *in, const sio_env *env)
{
    in->max_connections = max_connections(env);
    return sio_hash_init(&in->addresses);
}

void
sio_admission_fini(sio_admission *in)
{
    sio_hash_fini(&in->addresses);
}

/* --- Connections of one address. --- */

/* Without the port. The family belongs to it: 1.2.3.4 is not 102:304::. */
static sio_view
address_key_of(const sio_address *a)
{
    return (sio_view){(const char *)a, offsetof(sio_address, bytes) + sizeof a->bytes};
}

static address_count *
find_address(const sio_admission *in, const sio_address *peer)
{
    sio_hash_node *node = sio_hash_find(&in->addresses, address_key_of(peer));

    return node != NULL ? SIO_CONTAINER(node, address_count, node) : NULL;
}

/* NULL: out of memory. */
static address_count *
find_or_add_address(sio_admission *in, const sio_address *peer)
{
    address_count *count = find_address(in, peer);

    if (count != NULL || (count = calloc(1, sizeof *count)) == NULL)
        return count;
    count->address = *peer;
    count->node.key = address_key_of(&count->address);
    sio_hash_insert(&in->addresses, &count->node);
    return count;
}

/* One more of this address, unless that is too many. */
static bool
count_address(sio_env *env, const sio_address *peer)
{
    address_count *count;

    if (env->cfg->max_connections_per_address == 0)
        return true;
    count = find_or_add_address(&env->net->admission, peer);
    if (count == NULL || count->n >= env->cfg->max_connections_per_address)
        return false;
    count->n++;
    return true;
}

static void
forget_address(sio_env *env, const sio_address *peer)
{
    address_count *count = find_address(&env->net->admission, peer);

    if (count == NULL || --count->n > 0)
        return;
    sio_hash_remove(&env->net->admission.addresses, &count->node);
    free(count);
}

/* --- Connections of one second. --- */

/* A second begins with the first connection after the one before. */
static void
begin_second(sio_admission *in, uint64_t now_ms, unsigned max)
{
    in->was_full = in->n_this_second >= max && now_ms - in->second_ms < 2 * (uint64_t)SECOND_MS;
    in->second_ms = now_ms;
    in->n_this_second = 0;
}

static bool
count_second(sio_env *env)
{
    sio_admission *in = &env->net->admission;
    const unsigned max = env->cfg->max_connections_per_second;
    uint64_t       now_ms;

    if (max == 0)
        return true;
    now_ms = sio_timer_wheel_now_ms(&env->timers);
    if (now_ms - in->second_ms >= SECOND_MS)
        begin_second(in, now_ms, max);
    return in->n_this_second++ < max;
}

unsigned
sio_admission_rest_ms(sio_env *env)
{
    const sio_admission *in = &env->net->admission;
    const unsigned       max = env->cfg->max_connections_per_second;
    const uint64_t       passed_ms = sio_timer_wheel_now_ms(&env->timers) - in->second_ms;

    if (max == 0 || in->n_this_second < max || in->was_full || passed_ms >= SECOND_MS)
        return 0;
    return (unsigned)(SECOND_MS - passed_ms);
}

/* --- Deciding. --- */

const char *
sio_admission_enter_unnamed(sio_env *env)
{
    if (env->stats.connections >= env->net->admission.max_connections)
        return "max connections";
    if (!count_second(env))
        return "max connections per second";
    env->stats.connections++;
    return NULL;
}

const char *
sio_admission_name(sio_env *env, const sio_address *peer)
{
    return count_address(env, peer) ? NULL : "max connections per address";
}

const char *
sio_admission_enter(sio_env *env, const sio_address *peer)
{
    const char *setting = sio_admission_enter_unnamed(env);

    if (setting != NULL)
        return setting;
    if ((setting = sio_admission_name(env, peer)) != NULL)
        sio_admission_leave_unnamed(env);
    return setting;
}

void
sio_admission_leave_unnamed(sio_env *env)
{
    env->stats.connections--;
}

void
sio_admission_leave(sio_env *env, const sio_address *peer)
{
    sio_admission_leave_unnamed(env);
    forget_address(env, peer);
}

/* --- Other settings. --- */

static void
forget_all(sio_admission *in)
{
    sio_hash_node *node;

    while ((node = sio_hash_any(&in->addresses)) != NULL) {
        sio_hash_remove(&in->addresses, node);
        free(SIO_CONTAINER(node, address_count, node));
    }
}

/* They are counted only while there is a limit, so a new one finds them uncounted. */
void
sio_admission_adjust(sio_env *env)
{
    sio_admission *in = &env->net->admission;
    sio_link      *conns = &env->net->conns;

    in->max_connections = max_connections(env);
    forget_all(in);
    if (env->cfg->max_connections_per_address == 0)
        return;
    for (sio_link *l = conns->next; l != conns; l = l->next) {
        const sio_conn *c = SIO_CONTAINER(l, sio_conn, link);
        const bool      is_counted = c->door == &env->net->admitted;
        address_count  *count = is_counted ? find_or_add_address(in, &c->peer) : NULL;

        if (count != NULL)
            count->n++;
    }
}
