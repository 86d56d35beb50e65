#include "server/net/tls.h"

#include <openssl/ssl.h>
#include <string.h>
#include <time.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/net/net.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* --- Certificates. --- */

static void
warn_of_end(const sio_env *env, const sio_certificate *c)
{
    const int64_t days = sio_certificate_days_left(c->ends_s, (uint64_t)time(NULL));
    char          title[256];

    if (days < 0)
        sio_log_at(&env->log, SIO_LOG_WARN, SIO_EVENT_CERTIFICATE_ENDS, NULL,
                   "the certificate of %s has expired: clients refuse it",
                   sio_certificate_title(c, title, sizeof title));
    else if (days < SIO_TLS_WARNING_DAYS)
        sio_log_at(&env->log, SIO_LOG_WARN, SIO_EVENT_CERTIFICATE_ENDS, NULL,
                   "the certificate of %s expires in %d day%s",
                   sio_certificate_title(c, title, sizeof title), (int)days, days == 1 ? "" : "s");
}

/* Now, and then once a day. */
static void
look_at_ends(sio_env *env)
{
    const sio_tls_contexts *set = env->net->tls.contexts;

    if (env->net->kept != NULL)
        return; /* a worker: its master looks, for all */
    for (size_t i = 0; set != NULL && i < set->n; i++)
        warn_of_end(env, &set->items[i].certificate);
    if (set != NULL)
        sio_timer_set(&env->timers, &env->net->tls.daily, DAY_MS);
}

static void
on_day_over(sio_timer *timer)
{
    look_at_ends(SIO_CONTAINER(timer, sio_tls, daily)->env);
}

static int
set_tickets(sio_env *env)
{
    const sio_cfg *cfg = env->cfg;
    const char    *own = cfg->tls_ticket_secret;

    return sio_tls_tickets_set(&env->net->tls.tickets,
                               sio_view_of(own[0] != '\0' ? own : cfg->cluster_secret));
}

static void
on_tls_turn_over(sio_task *task)
{
    SIO_CONTAINER(task, sio_tls, turn_over)->n_steps = 0;
}

int
sio_tls_open(sio_env *env, sio_buf *error)
{
    sio_tls *tls = &env->net->tls;
    int      rc;

    tls->env = env;
    tls->max_shakes = SIO_TLS_MAX_SHAKES;
    tls->daily.fire = on_day_over;
    sio_link_init(&tls->shakes);
    sio_task_init(&tls->turn_over, on_tls_turn_over);
    if ((rc = sio_tls_contexts_new(&tls->contexts, env->cfg, error)) == SIO_OK)
        rc = set_tickets(env);
    if (rc == SIO_OK)
        look_at_ends(env);
    return rc;
}

void
sio_tls_close(sio_env *env)
{
    sio_tls *tls = &env->net->tls;

    if (tls->env == NULL)
        return;
    sio_timer_cancel(&env->timers, &tls->daily);
    sio_task_cancel(&tls->turn_over);
    sio_tls_contexts_free(tls->contexts);
    sio_tls_tickets_fini(&tls->tickets);
    BIO_meth_free(tls->sockets);
    *tls = (sio_tls){.env = NULL};
}

int
sio_tls_prepare(const sio_env *env, const sio_cfg *fresh, sio_tls_contexts **out, sio_buf *error)
{
    (void)env; /* read also where nobody speaks TLS: what --check-config would refuse is refused */
    return sio_tls_contexts_new(out, fresh, error);
}

void
sio_tls_renew(sio_env *env, sio_tls_contexts *fresh)
{
    sio_tls *tls = &env->net->tls;

    /* Nobody speaks it; or listeners do for which the settings have nothing any more. */
    if (tls->contexts == NULL || fresh == NULL) {
        sio_tls_contexts_free(fresh);
        return;
    }
    sio_tls_contexts_free(tls->contexts);
    tls->contexts = fresh;
    if (set_tickets(env) != SIO_OK)
        sio_log_warn(&env->log, NULL, "the keys of session tickets stay as they are: no memory");
    look_at_ends(env);
}

/* --- Handshakes. --- */

bool
sio_tls_may_step(sio_env *env)
{
    sio_tls *tls = &env->net->tls;

    if (tls->n_steps >= SIO_TLS_STEPS_OF_A_TURN)
        return false;
    tls->n_steps++;
    sio_deferred_add(&env->deferred, &tls->turn_over);
    return true;
}

void
sio_tls_note_shaken(sio_env *env, bool is_resumed, uint64_t us)
{
    env->stats.tls_handshakes++;
    if (is_resumed)
        env->stats.tls_resumed++;
    sio_histogram_add(&env->measures.tls_handshakes[is_resumed ? 1 : 0], us);
}

sio_tls_failure
sio_tls_failure_of(int reason)
{
    if (reason >= SSL_AD_REASON_OFFSET)
        return SIO_TLS_ALERT;
    switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
        return SIO_TLS_VERSION;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
        return SIO_TLS_CIPHER;
    case SSL_R_CALLBACK_FAILED:
        return SIO_TLS_NAME;
    case SSL_R_NO_APPLICATION_PROTOCOL:
        return SIO_TLS_PROTOCOL;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
        return SIO_TLS_CERTIFICATE;
    default:
        return SIO_TLS_OTHER;
    }
}

void
sio_tls_note_failure(const sio_conn *c, sio_tls_failure failure, const char *details)
{
    sio_env *env = c->env;
    char     text[SIO_ADDRESS_TEXT_MAX];

    env->stats.tls_failures++;
    env->measures.tls_failures[failure]++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_TLS_FAILURE, NULL, "no TLS with %s: %s%s%s",
                        sio_address_log_text(&c->peer, env->cfg->log_addresses, text),
                        sio_measures_tls_failure_text(failure), details != NULL ? ": " : "",
                        details != NULL ? details : "");
}
