#include "server/handout.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "server/engine/terms.h"
#include "server/server.h"

static void
set_style(sio_server *s)
{
    sio_log_style *style = &s->env.log.style;

    style->is_json = strcmp(s->cfg.log_format, "json") == 0;
    style->colors = s->cfg.log_colors && !style->is_journal;
    style->timestamps = !style->is_journal;
    snprintf(style->instance, sizeof style->instance, "%s", s->cfg.name);
}

void
sio_handout_copies(sio_server *s)
{
    s->env.log.level = s->cfg.log ? (int)s->cfg.log_level : SIO_LOG_NONE;
    set_style(s);
    s->env.log_limits.rate = s->cfg.log_rate;
    s->env.log.sessions = s->cfg.log_sessions.items;
    s->env.log.n_sessions = s->cfg.log_sessions.n;
    s->engine.queue_limits.max_frames = s->cfg.max_queued_packets;
    s->engine.queue_limits.max_bytes = s->cfg.max_queued_bytes;
    sio_budget_open(&s->env, s->cfg.max_client_bytes);
    sio_memory_guard_open(&s->env, s->cfg.max_memory);
}

int
sio_handout_start_log(sio_server *s)
{
    if (!s->cfg.log || sio_log_start(&s->env.log) == SIO_OK)
        return SIO_OK;
    sio_buf_add_str(&s->error, "can not start the thread of the log: ");
    sio_buf_add_str(&s->error, strerror(errno));
    return SIO_ERR_SYS;
}

void
sio_handout_all(sio_server *s)
{
    sio_env *env = &s->env;

    sio_handout_copies(s);
    if (sio_handout_start_log(s) != SIO_OK) { /* it was off until now, and each line waits */
        sio_log_warn(&env->log, NULL, "%.*s", (int)s->error.len, s->error.data);
        sio_buf_clear(&s->error);
    }
    sio_terms_renew(env);
    sio_admission_adjust(env);
    sio_store_handshake_limit(env->store, s->cfg.max_unused_handshakes);
    if (s->listens)
        sio_handlers_adjust(env);
    sio_adapters_adjust(env);
    sio_backends_adjust(env);
}
