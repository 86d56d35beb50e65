#include "server/reload.h"

#include "server/config/config_change.h"
#include "server/handout.h"
#include "server/server.h"
#include "server/worker_share.h"
#include "store/clock.h"

/* A master has nobody to hand anything to but itself: workers read the settings, too. */
static void
hand_out(sio_server *s)
{
    if (s->master == NULL)
        sio_handout_all(s);
    else
        sio_handout_copies(s);
}

static void
log_reload(const sio_server *s, sio_view changed, sio_view kept)
{
    const sio_view none = SIO_VIEW("nothing has changed");

    if (kept.len > 0)
        sio_log_at(&s->env.log, SIO_LOG_WARN, SIO_EVENT_RELOAD_KEPT, NULL,
                   "%.*s: changes only by a restart; the others are applied", (int)kept.len,
                   kept.data);
    if (changed.len == 0)
        changed = none;
    sio_log_at(&s->env.log, SIO_LOG_INFO, SIO_EVENT_RELOADED, NULL, "reloaded: %.*s",
               (int)changed.len, changed.data);
}

static void
take_over(sio_server *s, sio_cfg *fresh, sio_tls_contexts *certificates)
{
    sio_buf changed, kept;

    sio_buf_init(&changed, SIZE_MAX);
    sio_buf_init(&kept, SIZE_MAX);
    sio_config_change_apply(&s->cfg, fresh, &changed, &kept);
    hand_out(s);
    sio_tls_renew(&s->env, certificates);
    if (s->reload.fn != NULL)
        s->reload.fn(s->reload.arg);
    if (!s->worker.is_one)
        log_reload(s, sio_buf_view(&changed), sio_buf_view(&kept));
    sio_buf_fini(&changed);
    sio_buf_fini(&kept);
}

static int
read_again(sio_server *s)
{
    sio_tls_contexts *certificates = NULL;
    sio_cfg           fresh;
    int               rc = sio_cfg_init(&fresh);

    if (rc == SIO_OK)
        rc = sio_sources_read(&s->sources, &fresh, &s->error);
    if (rc == SIO_OK)
        rc = sio_tls_prepare(&s->env, &fresh, &certificates, &s->error);
    if (rc == SIO_OK) {
        sio_worker_share(&s->worker, &fresh);
        take_over(s, &fresh, certificates);
    }
    sio_cfg_fini(&fresh);
    return rc;
}

/* Whether or not it goes well, the server is ready again. */
static int
tell_and_read_again(sio_server *s)
{
    int rc;

    sio_systemd_reloading(s);
    rc = read_again(s);
    sio_systemd_ready(s);
    return rc;
}

int
sio_reload(sio_server *io)
{
    int rc = SIO_ERR_CONFIG;

    sio_server_clear_error(io);
    if ((io->env.store == NULL && io->master == NULL) || io->env.phase == SIO_STOPPING)
        sio_buf_add_str(&io->error, "the server does not listen");
    else
        rc = tell_and_read_again(io);
    if (rc == SIO_OK) {
        io->env.stats.reloads++;
        io->env.measures.settings_read_ms = sio_epoch_ms();
        return 0;
    }
    io->env.stats.failed_reloads++;
    (void)sio_server_fail(io, rc);
    sio_log_at(&io->env.log, SIO_LOG_ERROR, SIO_EVENT_RELOAD_FAILED, NULL,
               "not reloaded, all stays as it is: %s", sio_error(io));
    return -1;
}

void
sio_on_reload(sio_server *io, void (*fn)(void *arg), void *arg)
{
    io->reload = (sio_reload_listener){fn, arg};
}
