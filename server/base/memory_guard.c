#include "server/base/memory_guard.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "server/base/env.h"
#include "server/base/memory_limit.h"

enum { LOOK_MS = 1000, SCARCE_PERCENT = 90, SHORT_PERCENT = 97 };

/* What is in memory of the process; 0: the system does not tell. */
static uint64_t
resident_bytes(void)
{
    uint64_t resident = 0;
    FILE    *file = fopen("/proc/self/statm", "re");

    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %" SCNu64, &resident) != 1)
        resident = 0;
    fclose(file);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool
is_above(const sio_memory_guard *g, uint64_t used, unsigned percent)
{
    return used > g->max_bytes / 100 * percent;
}

/* With what is free, and was not given back, it is no shortage. */
static bool
is_short(const sio_memory_guard *g, uint64_t used)
{
    if (!is_above(g, used, SHORT_PERCENT))
        return false;
#ifdef __GLIBC__ /* other allocators give it back by themselves */
    malloc_trim(0);
    used = resident_bytes();
#endif
    return is_above(g, used, SHORT_PERCENT);
}

static void
set_scarce(sio_env *env, bool is_scarce, uint64_t used)
{
    sio_memory_guard *g = &env->memory_guard;

    if (g->is_scarce == is_scarce)
        return;
    g->is_scarce = is_scarce;
    if (is_scarce)
        sio_log_warn(&env->log, NULL,
                     "%" PRIu64 " bytes of \"max memory\" %" PRIu64 " are in use: no new sessions",
                     used, g->max_bytes);
    else
        sio_log_info(&env->log, NULL, "there is memory again: new sessions may begin");
}

static void
look(sio_env *env)
{
    sio_memory_guard *g = &env->memory_guard;
    const uint64_t    used = resident_bytes();

    set_scarce(env, is_above(g, used, SCARCE_PERCENT), used);
    if (is_short(g, used))
        sio_budget_squeeze(env);
    else if (g->is_squeezed)
        sio_budget_relax(env);
    g->is_squeezed = env->budget.max_bytes != env->budget.most_bytes;
}

static void
on_look(sio_timer *timer)
{
    sio_env *env = SIO_CONTAINER(timer, sio_env, memory_guard.timer);

    look(env);
    sio_timer_set(&env->timers, timer, LOOK_MS);
}

void
sio_memory_guard_init(sio_env *env)
{
    env->memory_guard = (sio_memory_guard){.timer.fire = on_look, .max_bytes = UINT64_MAX};
}

void
sio_memory_guard_fini(sio_env *env)
{
    sio_timer_cancel(&env->timers, &env->memory_guard.timer);
}

void
sio_memory_guard_open(sio_env *env, uint64_t max_bytes)
{
    env->memory_guard.max_bytes = max_bytes > 0 ? max_bytes : sio_memory_limit();
    sio_timer_set(&env->timers, &env->memory_guard.timer, 0);
}
