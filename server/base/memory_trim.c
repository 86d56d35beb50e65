#include "server/base/memory_trim.h"

#include <malloc.h>

#include "server/base/env.h"

/*
 * Walking over the free memory takes some milliseconds for each hundred megabytes, in which nobody
 * is served: it is done once what ends has ended, and not for a few.
 */
enum { STORM = 1000, DELAY_MS = 2000 };

static uint64_t
count(const sio_env *env)
{
    return env->stats.connections + env->stats.sessions;
}

static void
on_memory_trim_timer(sio_timer *timer)
{
    sio_env *env = SIO_CONTAINER(timer, sio_env, memory_trim.timer);

    env->memory_trim.most = count(env);
#ifdef __GLIBC__ /* other allocators give it back by themselves */
    malloc_trim(0);
    sio_log_debug(&env->log, NULL, "memory given back");
#endif
}

void
sio_memory_trim_init(sio_env *env)
{
    env->memory_trim.timer.fire = on_memory_trim_timer;
}

void
sio_memory_trim_ended(sio_env *env)
{
    const uint64_t left = count(env);

    if (env->memory_trim.most <= left)
        env->memory_trim.most = left + 1;
    if (env->memory_trim.most >= STORM && left <= env->memory_trim.most / 2 &&
        !sio_timer_armed(&env->memory_trim.timer))
        sio_timer_set(&env->timers, &env->memory_trim.timer, DELAY_MS);
}
