#include "server/backends/jwt_remote.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/endpoint_url.h"
#include "protocol/jwk.h"
#include "protocol/result.h"
#include "store/clock.h"

enum { CONNECT_MS = 2000, TIMEOUT_MS = 5000, STATUS_OK = 200 };

struct sio_jwt_remote {
    sio_env          *env;
    sio_http_client  *http;
    sio_http_call    *call; /* NULL: none is under way */
    sio_jwt_remote_fn take;
    void             *arg;
    char             *url;
    uint64_t          begun_ms; /* the last time */
    sio_timer         timer;    /* the next one */
};

static void
wait_for_next(sio_jwt_remote *r, bool is_good)
{
    const sio_cfg_jwt *cfg = &r->env->cfg->jwt;

    sio_timer_set(&r->env->timers, &r->timer, is_good ? cfg->refresh_ms : cfg->min_refresh_ms);
}

static void
complain(const sio_jwt_remote *r, const char *why)
{
    sio_log_warn(&r->env->log, NULL, "can not get the keys of tokens from \"keys url\": %s", why);
}

/* Is it a key set, and what is wrong if not. */
static bool
take_answer(sio_jwt_remote *r, const sio_http_answer *answer)
{
    if (answer->outcome != SIO_HTTP_ANSWERED) {
        complain(r, answer->why);
        return false;
    }
    if (answer->status != STATUS_OK) {
        sio_log_warn(&r->env->log, NULL, "\"keys url\" answers with status %u, not with keys",
                     answer->status);
        return false;
    }
    return r->take(r->arg, answer->body);
}

static void
end_request(sio_jwt_remote *r, bool is_good)
{
    r->env->stats.key_set_failures += !is_good;
    wait_for_next(r, is_good);
}

static void
on_key_set(void *arg, const sio_http_answer *answer)
{
    sio_jwt_remote *r = arg;

    r->call = NULL;
    end_request(r, take_answer(r, answer));
}

static void
begin_request(sio_jwt_remote *r)
{
    const sio_http_post get = {.url = r->url, .method = "GET"};

    r->begun_ms = sio_now_ms();
    r->env->stats.key_set_requests++;
    if ((r->call = sio_http_client_post(r->http, &get, on_key_set, r)) != NULL)
        return;
    complain(r, "out of memory");
    end_request(r, false);
}

static void
on_remote_timer(sio_timer *timer)
{
    begin_request(SIO_CONTAINER(timer, sio_jwt_remote, timer));
}

void
sio_jwt_remote_want(sio_jwt_remote *r)
{
    const uint64_t passed_ms = sio_now_ms() - r->begun_ms;
    const unsigned least_ms = r->env->cfg->jwt.min_refresh_ms;

    if (r->call == NULL)
        sio_timer_set(&r->env->timers, &r->timer,
                      passed_ms < least_ms ? least_ms - (unsigned)passed_ms : 0);
}

static bool
is_tls(const char *url)
{
    sio_endpoint_url parts;

    return sio_endpoint_url_read(sio_view_of(url), &parts) && parts.is_tls;
}

int
sio_jwt_remote_client_new(sio_http_client **out, const sio_http_loop *loop, const sio_cfg_jwt *cfg,
                          sio_buf *error)
{
    const sio_http_client_options options = {
        .max_calls = 1,
        .may_use_tls = is_tls(cfg->keys_url),
        .connect_timeout_ms = CONNECT_MS,
        .timeout_ms = TIMEOUT_MS,
        .max_answer_bytes = SIO_JWK_MAX_SET_BYTES,
        .ca_file = cfg->ca_file,
    };

    return sio_http_client_new(out, loop, &options, error);
}

int
sio_jwt_remote_new(sio_jwt_remote **out, sio_env *env, sio_jwt_remote_fn take, void *arg,
                   sio_buf *error)
{
    const sio_cfg_jwt *cfg = &env->cfg->jwt;
    sio_jwt_remote    *r = calloc(1, sizeof *r);
    int                rc = SIO_ERR_NOMEM;

    if (r == NULL || (r->url = strdup(cfg->keys_url)) == NULL) {
        sio_buf_add_str(error, "out of memory");
        goto fail;
    }
    const sio_http_loop loop = {env->base, &env->deferred, &env->timers};

    *r = (sio_jwt_remote){
        .env = env, .take = take, .arg = arg, .url = r->url, .timer.fire = on_remote_timer};
    rc = sio_jwt_remote_client_new(&r->http, &loop, cfg, error);
    if (rc != SIO_OK)
        goto fail;
    begin_request(r);
    *out = r;
    return SIO_OK;

fail:
    sio_jwt_remote_free(r);
    return rc;
}

void
sio_jwt_remote_free(sio_jwt_remote *r)
{
    if (r == NULL)
        return;
    if (r->env != NULL)
        sio_timer_cancel(&r->env->timers, &r->timer);
    sio_http_client_free(r->http);
    free(r->url);
    free(r);
}
