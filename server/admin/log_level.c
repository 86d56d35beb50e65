#include "server/admin/log_level.h"

#include "protocol/query.h"
#include "protocol/result.h"
#include "protocol/whole_number.h"
#include "server/admin/admin.h"
#include "server/admin/admin_reply.h"
#include "server/base/env.h"

enum { USUAL_S = 60, MAX_S = 86400 };

void
sio_log_level_restore(sio_log_level *l)
{
    if (l->env == NULL || !sio_timer_armed(&l->timer))
        return;
    sio_timer_cancel(&l->env->timers, &l->timer);
    l->env->log.level = l->usual;
}

static void
on_log_level_over(sio_timer *timer)
{
    sio_log_level *l = SIO_CONTAINER(timer, sio_log_level, timer);

    l->env->log.level = l->usual;
    if (l->is_quiet)
        return;
    sio_log_at(&l->env->log, SIO_LOG_INFO, SIO_EVENT_LOG_LEVEL, NULL, "log level %d again",
               l->usual);
}

void
sio_log_level_change(sio_env *env, int level, unsigned for_s, bool is_quiet)
{
    sio_log_level *l = &env->admin->log_level;

    if (!sio_timer_armed(&l->timer))
        *l = (sio_log_level){.env = env, .timer.fire = on_log_level_over, .usual = env->log.level};
    env->log.level = level;
    l->is_quiet = is_quiet;
    sio_timer_set(&env->timers, &l->timer, for_s * 1000);
    if (is_quiet)
        return;
    sio_log_at(&env->log, SIO_LOG_INFO, SIO_EVENT_LOG_LEVEL, NULL, "log level %d for %u s", level,
               for_s);
}

/* A whole number of the query within these limits. Without it *value stays as it is. */
static bool
take_number(sio_view query, const char *name, size_t least, size_t most, size_t *value)
{
    sio_view text;

    if (!sio_query_find(query, name, &text))
        return true;
    return sio_whole_number(text, most, value) == SIO_OK && *value >= least;
}

void
sio_log_level_serve(sio_exchange *x, const sio_admin_request *r)
{
    const sio_control *control = &x->env->admin->control;
    size_t             level = SIZE_MAX, for_s = USUAL_S;
    sio_buf            body;

    if (!take_number(r->query, "level", SIO_LOG_ERROR, SIO_LOG_DEBUG, &level) ||
        level == SIZE_MAX || !take_number(r->query, "for", 1, MAX_S, &for_s)) {
        sio_admin_reply_refuse(x, 400, "level must be 0 to 3, and for 1 to 86400 seconds");
        return;
    }
    sio_log_level_change(x->env, (int)level, (unsigned)for_s, false);
    if (control->log_level != NULL)
        control->log_level(control->io, (int)level, (unsigned)for_s);
    sio_buf_init(&body, SIZE_MAX);
    sio_buf_add_str(&body, "{\"level\":");
    sio_buf_add_u64(&body, level);
    sio_buf_add_str(&body, ",\"for\":");
    sio_buf_add_u64(&body, for_s);
    sio_buf_add_str(&body, "}\n");
    sio_admin_reply(x, 200, "application/json", &body);
    sio_buf_fini(&body);
}
