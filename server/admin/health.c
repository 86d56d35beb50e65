#include "server/admin/health.h"

#include "protocol/query.h"
#include "server/admin/admin_reply.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/net/net.h"

enum {
    STARVED_MS = 1000, /* so long an accept that failed for want of resources counts */
    FULL_PERCENT = 98
};

/* --- Why not? --- */

static bool
is_starting(sio_env *env)
{
    return env->phase == SIO_STARTING;
}

static bool
is_draining(sio_env *env)
{
    return env->phase == SIO_LEAVING || env->phase == SIO_SPREADING;
}

static bool
is_stopping(sio_env *env)
{
    return env->phase == SIO_STOPPING;
}

static bool
is_starved(sio_env *env)
{
    return env->starved_ms != 0 &&
           sio_timer_wheel_now_ms(&env->timers) - env->starved_ms < STARVED_MS;
}

static bool
is_nearly_full(sio_env *env)
{
    return env->stats.connections * 100 >=
           (uint64_t)env->net->admission.max_connections * FULL_PERCENT;
}

static bool
is_short_of_memory(sio_env *env)
{
    return env->memory_guard.is_scarce;
}

static const struct {
    bool (*holds)(sio_env *env);
    const char *word;
} causes[] = {
    {is_starting, "starting"},           {is_draining, "draining"},
    {is_stopping, "stopping"},           {is_starved, "out of descriptors"},
    {is_nearly_full, "max connections"}, {is_short_of_memory, "max memory"},
};

static void
add_cause(sio_buf *why, const char *word)
{
    sio_buf_add_str(why, why->len > 0 ? "," : "");
    sio_buf_add_json_string(why, sio_view_of(word), SIO_JSON_PLAIN);
}

/* --- Answers. --- */

static bool
has_redis(sio_env *env)
{
    return env->cfg->redis[0] != '\0';
}

static bool
redis_answers(sio_env *env)
{
    return has_redis(env) && sio_store_get_counters(env->store)->connected == 1;
}

static void
add_ready_body(sio_env *env, sio_view why, sio_buf *body)
{
    sio_buf_add_str(body,
                    why.len == 0 ? "{\"ready\":true,\"why\":[" : "{\"ready\":false,\"why\":[");
    sio_buf_add_view(body, why);
    sio_buf_add_str(body, "],\"redis\":");
    sio_buf_add_str(body, !has_redis(env) ? "null" : redis_answers(env) ? "true" : "false");
    sio_buf_add_str(body, ",\"sessions\":");
    sio_buf_add_u64(body, env->stats.sessions);
    sio_buf_add_str(body, "}\n");
}

void
sio_health_serve_ready(sio_exchange *x, const sio_admin_request *r)
{
    sio_env *env = x->env;
    sio_buf  why, body;
    sio_view redis;

    sio_buf_init(&why, SIZE_MAX);
    sio_buf_init(&body, SIZE_MAX);
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (causes[i].holds(env))
            add_cause(&why, causes[i].word);
    if (sio_query_find(r->query, "redis", &redis) && sio_view_eq(redis, SIO_VIEW("1")) &&
        !redis_answers(env))
        add_cause(&why, has_redis(env) ? "redis" : "no redis is set");
    add_ready_body(env, sio_buf_view(&why), &body);
    body.failed = body.failed || why.failed;
    sio_admin_reply(x, why.len == 0 ? 200 : 503, "application/json", &body);
    sio_buf_fini(&why);
    sio_buf_fini(&body);
}

void
sio_health_serve_live(sio_exchange *x, const sio_admin_request *r)
{
    sio_buf body;

    (void)r;
    sio_buf_init(&body, SIZE_MAX);
    sio_buf_add_str(&body, "{\"live\":true}\n");
    sio_admin_reply(x, 200, "application/json", &body);
    sio_buf_fini(&body);
}
