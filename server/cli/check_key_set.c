#include "server/cli/check_key_set.h"

#include <event2/event.h>

#include "protocol/endpoint_url.h"
#include "protocol/result.h"
#include "server/backends/http_client.h"
#include "server/backends/jwt_keyring.h"
#include "server/backends/jwt_remote.h"

enum { STATUS_OK = 200 };

/* A loop for one request. */
typedef struct {
    sio_check_report  *report;
    const char        *url;
    struct event_base *base;
    sio_deferred       deferred;
    sio_timer_wheel    timers;
} key_set_loop;

/* --- What comes of it. --- */

/* A broker leaves out what is no good for it, and goes on with the rest. */
static void
report_keys(sio_check_report *r, const char *url, sio_view set)
{
    sio_jwt_keyring ring = {.n = 0};
    sio_buf         error, advice;

    sio_buf_init(&error, 1024);
    sio_buf_init(&advice, 1024);
    if (sio_jwt_keyring_take_set(&ring, set, false, &error) != SIO_OK)
        sio_check_report_fail(r, "jwt: what %s answers %.*s", url, SIO_CHECK_TEXT(&error));
    else if (sio_jwt_keyring_take_set(&ring, set, true, &advice) != SIO_OK)
        sio_check_report_warn(r, "jwt: %s: %.*s; it is left out", url, SIO_CHECK_TEXT(&advice));
    else
        sio_check_report_ok(r, "jwt: %s has keys that can be used: %zu", url, ring.n);
    sio_jwt_keyring_fini(&ring);
    sio_buf_fini(&error);
    sio_buf_fini(&advice);
}

static void
on_key_set(void *arg, const sio_http_answer *answer)
{
    key_set_loop *l = arg;

    if (answer->outcome != SIO_HTTP_ANSWERED)
        sio_check_report_fail(l->report, "jwt: %s: %s", l->url, answer->why);
    else if (answer->status != STATUS_OK)
        sio_check_report_fail(l->report, "jwt: %s answers with status %u, not with keys", l->url,
                              answer->status);
    else
        report_keys(l->report, l->url, answer->body);
    (void)event_base_loopbreak(l->base);
}

/* --- The request. --- */

static void
ask_for_keys(key_set_loop *l, const sio_cfg_jwt *cfg)
{
    const sio_http_loop loop = {l->base, &l->deferred, &l->timers};
    const sio_http_post get = {.url = l->url, .method = "GET"};
    sio_http_client    *client = NULL;
    sio_buf             error;

    sio_buf_init(&error, 8192);
    if (sio_jwt_remote_client_new(&client, &loop, cfg, &error) != SIO_OK)
        sio_check_report_fail(l->report, "jwt: %.*s", SIO_CHECK_TEXT(&error));
    else if (sio_http_client_post(client, &get, on_key_set, l) == NULL)
        sio_check_report_fail(l->report, "jwt: out of memory");
    else
        (void)event_base_dispatch(l->base);
    sio_http_client_free(client);
    sio_buf_fini(&error);
}

static int
open_loop(key_set_loop *l)
{
    if ((l->base = event_base_new()) == NULL)
        return SIO_ERR_NOMEM;
    if (sio_timer_wheel_init(&l->timers, l->base) != SIO_OK)
        goto fail;
    if (sio_deferred_init(&l->deferred, l->base) == SIO_OK)
        return SIO_OK;
    sio_timer_wheel_fini(&l->timers);

fail:
    event_base_free(l->base);
    return SIO_ERR_NOMEM;
}

static void
close_loop(key_set_loop *l)
{
    sio_deferred_fini(&l->deferred);
    sio_timer_wheel_fini(&l->timers);
    event_base_free(l->base);
}

void
sio_check_key_set(sio_check_report *r, const sio_cfg *cfg)
{
    key_set_loop l = {.report = r, .url = cfg->jwt.keys_url};

    if (l.url[0] == '\0')
        return;
    if (open_loop(&l) != SIO_OK) {
        sio_check_report_fail(r, "jwt: out of memory");
        return;
    }
    ask_for_keys(&l, &cfg->jwt);
    close_loop(&l);
}
