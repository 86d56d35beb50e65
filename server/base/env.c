#include "server/base/env.h"

#include <unistd.h>

void
sio_env_init(sio_env *env)
{
    sio_link_init(&env->deferred.tasks);
    sio_buf_init(&env->packet, SIZE_MAX);
    sio_buf_init(&env->batch, SIZE_MAX);
    sio_log_init(&env->log, STDERR_FILENO, SIO_LOG_INFO, false);
    (void)sio_timer_wheel_init(&env->timers,
                               NULL); /* which needs no memory: until there is a loop */
    sio_log_limits_init(&env->log_limits, &env->log, &env->timers, 0);
    sio_memory_trim_init(env);
    sio_memory_guard_init(env);
    sio_measures_init(&env->measures);
    env->log.n_lines = env->measures.log_lines;
}

sio_stats
sio_env_stats(const sio_env *env)
{
    sio_stats stats = env->stats;

    if (env->has_sums)
        return stats;
    stats.queued_bytes = env->budget.n_waiting;
    stats.log_lines_left_out = env->log_limits.n_left_out;
    stats.log_lines_lost = sio_log_n_lost(&env->log);
    return stats;
}

int
sio_env_begin(sio_env *env)
{
    if (sio_budget_init(env) != SIO_OK || sio_timer_wheel_init(&env->timers, env->base) != SIO_OK ||
        sio_deferred_init(&env->deferred, env->base) != SIO_OK)
        return SIO_ERR_NOMEM;
    return SIO_OK;
}

void
sio_env_fini(sio_env *env)
{
    sio_memory_guard_fini(env);
    sio_budget_fini(env);
    sio_log_limits_fini(&env->log_limits);
    sio_timer_wheel_fini(&env->timers);
    sio_buf_fini(&env->packet);
    sio_buf_fini(&env->batch);
    sio_log_stop(&env->log);
}

const char *
sio_env_date(sio_env *env)
{
    const time_t now_s = time(NULL);
    struct tm    utc;

    if (now_s == env->date_s)
        return env->date_text;
    env->date_s = now_s;
    gmtime_r(&now_s, &utc);
    if (strftime(env->date_text, sizeof env->date_text, "%a, %d %b %Y %H:%M:%S GMT", &utc) == 0)
        env->date_text[0] = '\0';
    return env->date_text;
}
