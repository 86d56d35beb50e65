#include "server/handler/handshake09.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json_read.h"
#include "protocol/query.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/engine/watcher.h"
#include "server/handler/handlers.h"
#include "server/handler/handshake_data.h"
#include "server/handler/handshake_limits.h"
#include "server/http/request_origin.h"
#include "server/http/response.h"
#include "server/roaming/roaming.h"
#include "server/socketio/authorization.h"
#include "store/instances.h"

/* A handshake that is being shared, and how its client wants the answer. */
typedef struct {
    sio_exchange  *x;
    sio_decision  *decision; /* while the application decides */
    sio_store_req *put;      /* while the store shares it, and others are told */
    sio_buf        data;
    char          *origin; /* "" when absent */
    char          *jsonp;  /* digits, or "" for a plain answer */
    char           id[SIO_SESSION_ID_MAX + 1];
} handshake;

static void
handshake09_free(handshake *h)
{
    free(h->origin);
    free(h->jsonp);
    sio_buf_fini(&h->data);
    free(h);
}

/* The digits of "jsonp", or "" when it is anything else. NULL: out of memory. */
static char *
copy_jsonp(sio_view query)
{
    sio_view raw = SIO_VIEW("");
    sio_buf  text;
    char    *digits;

    sio_buf_init(&text, SIZE_MAX);
    (void)sio_query_find(query, "jsonp", &raw);
    sio_query_decode(raw, &text);
    if (!text.failed && !sio_query_is_digits(sio_buf_view(&text)))
        sio_buf_clear(&text);
    sio_buf_add_char(&text, '\0');
    digits = text.failed ? NULL : strdup(text.data);
    sio_buf_fini(&text);
    return digits;
}

static handshake *
handshake09_new(sio_exchange *x, const sio_request *r, const sio09_target *t)
{
    handshake *h = calloc(1, sizeof *h);
    sio_view   origin = SIO_VIEW("");

    if (h == NULL)
        return NULL;
    (void)sio_http_header_get(r->head, "origin", &origin);
    h->x = x;
    sio_buf_init(&h->data, SIZE_MAX);
    h->origin = strndup(origin.data, origin.len);
    h->jsonp = copy_jsonp(t->query);
    if (h->origin != NULL && h->jsonp != NULL)
        return h;
    handshake09_free(h);
    return NULL;
}

/* --- Answers. --- */

static void
handshake09_send_script(handshake *h, sio_view script)
{
    sio_response_as_node(h->x, 200, "application/javascript", SIO_VIEW(""), script);
}

/* io.j[n]("text"); or io.j[n](new Error("text")); (JSONP is always 200) */
static void
answer_jsonp(handshake *h, sio_view text, bool failed)
{
    sio_buf script;

    sio_buf_init(&script, SIZE_MAX);
    sio_buf_add_str(&script, "io.j[");
    sio_buf_add_str(&script, h->jsonp);
    sio_buf_add_str(&script, failed ? "](new Error(" : "](");
    sio_buf_add_json_string(&script, text, SIO_JSON_ESCAPE_LINE_SEPARATORS);
    sio_buf_add_str(&script, failed ? "));" : ");");
    if (script.failed) /* out of memory: half a script would be worse than none */
        sio_conn_fail(h->x->conn);
    handshake09_send_script(h, sio_buf_view(&script));
    sio_buf_fini(&script);
}

/* A refusal. with_cors: the origin was found good, so its page may read why. */
static void
handshake09_refuse(handshake *h, unsigned status, const char *text, bool with_cors)
{
    sio_env *env = h->x->env;

    env->stats.refused_handshakes++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_REFUSED_HANDSHAKE, NULL, "%s", text);
    if (h->jsonp[0] != '\0')
        answer_jsonp(h, sio_view_of(text), true);
    else
        sio_response_as_node(h->x, status, "text/plain", sio_view_of(with_cors ? h->origin : ""),
                             sio_view_of(text));
    handshake09_free(h);
}

/* No session begins here any more. Whoever passes requests on is to find another instance. */
static void
refuse_leaving_09(handshake *h)
{
    h->x->keep_alive = false;
    handshake09_refuse(h, 503, "handshake error", true);
}

/* Seconds as JavaScript prints them: 60, 0.05, 1.5. */
static void
add_seconds(sio_buf *out, unsigned ms)
{
    char     digits[4] = {'.'};
    unsigned fraction = ms % 1000, n = 3;

    sio_buf_add_u64(out, ms / 1000);
    if (fraction == 0)
        return;
    for (; fraction % 10 == 0; n--)
        fraction /= 10;
    for (unsigned i = n; i > 0; i--, fraction /= 10)
        digits[i] = (char)('0' + fraction % 10);
    sio_buf_add(out, digits, n + 1);
}

static void
write_session_id(const handshake *h, sio_buf *body)
{
    const sio_cfg *cfg = h->x->env->cfg;

    sio_buf_add_str(body, h->id);
    sio_buf_add_char(body, ':');
    add_seconds(body, cfg->heartbeat_timeout_ms);
    sio_buf_add_char(body, ':');
    add_seconds(body, cfg->close_timeout_ms);
    for (size_t i = 0; i < cfg->transports.n; i++) {
        sio_buf_add_char(body, i == 0 ? ':' : ',');
        sio_buf_add_view(body, cfg->transports.items[i]);
    }
}

static void
answer_session_id(handshake *h, sio_view body)
{
    h->x->env->stats.handshakes++;
    sio_log_limit_write(&h->x->env->log_limits, SIO_LOG_HANDSHAKE, h->id, "handshake");
    if (h->jsonp[0] != '\0')
        answer_jsonp(h, body, false);
    else
        sio_response_as_node(h->x, 200, "text/plain", sio_view_of(h->origin), body);
    handshake09_free(h);
}

static void
send_session_id(handshake *h)
{
    sio_buf body;

    sio_buf_init(&body, SIZE_MAX);
    write_session_id(h, &body);
    if (body.failed)
        handshake09_refuse(h, 500, "handshake error", true);
    else
        answer_session_id(h, sio_buf_view(&body));
    sio_buf_fini(&body);
}

/* --- Steps. --- */

static void
on_delivered(void *arg, int rc)
{
    handshake *h = arg;

    (void)rc; /* what matters is when it came */
    h->put = NULL;
    send_session_id(h);
}

/*
 * Redis answers us before it writes to those whom we told something in the same moment, and others
 * than our own instances do not wait for what they have not heard of (R1). When it answers once
 * more, it has written.
 */
static void
await_delivery(handshake *h)
{
    sio_env       *env = h->x->env;
    sio_store_req *req = sio_store_lost_check(env->store, sio_view_of(env->tag), on_delivered, h);

    if (req != NULL) /* else on_delivered has been called, and h is gone */
        h->put = req;
}

static void put(handshake *h);

static void
on_shared(void *arg, int rc)
{
    handshake *h = arg;

    h->put = NULL;
    if (rc == SIO_ERR_FULL && sio_unused_handshakes_evict(h->x->env)) {
        put(h);
        return;
    }
    if (rc != SIO_OK && rc != SIO_ERR_UNAVAILABLE)
        sio_unused_handshakes_drop(h->x->env, sio_view_of(h->id));
    if (rc == SIO_OK && h->x->env->roaming->foreign != NULL)
        await_delivery(h);
    else if (rc == SIO_OK || rc == SIO_ERR_UNAVAILABLE) /* without Redis: good on this instance */
        send_session_id(h);
    else if (rc == SIO_ERR_FULL)
        handshake09_refuse(h, 503, "handshake error", true);
    else
        handshake09_refuse(h, 500, "handshake error", true);
}

/* The client has gone before it was answered; a handshake that is shared expires by itself. */
static void
on_handshake09_abandoned(sio_exchange *x, const char *reason)
{
    handshake *h = x->owner;

    (void)reason;
    sio_authorization_abandon(h->decision);
    sio_store_cancel(h->put);
    handshake09_free(h);
}

static sio_view
record_of(const handshake *h)
{
    return (sio_view){h->data.data, h->data.len - 1}; /* without its NUL */
}

static void
put(handshake *h)
{
    sio_env       *env = h->x->env;
    sio_store_req *put = sio_store_handshake_put(env->store, sio_view_of(h->id), record_of(h),
                                                 env->cfg->handshake_timeout_ms, on_shared, h);

    if (put != NULL) /* else on_shared has been called, and h is gone */
        h->put = put;
}

static void
share(handshake *h)
{
    sio_env *env = h->x->env;

    sio_watcher_made(env, sio_view_of(h->id), record_of(h));
    sio_unused_handshakes_add(env, sio_view_of(h->id), record_of(h));
    put(h);
}

static void
on_handshake09_verdict(void *owner, sio_verdict verdict)
{
    handshake *h = owner;

    sio_authorization_take_handshake(h->decision, h->x->env->cfg->max_stored_bytes, &h->data);
    h->decision = NULL;
    if (verdict == SIO_REFUSE)
        handshake09_refuse(h, 403, "handshake unauthorized", true);
    else if (verdict == SIO_AWAY)
        handshake09_refuse(h, 503, "handshake error", true);
    else if (verdict == SIO_FAIL || sio_session_make_id(h->x->env, h->id) != SIO_OK)
        handshake09_refuse(h, 500, "handshake error", true);
    else
        share(h);
}

static void
authorize(handshake *h)
{
    const sio_env     *env = h->x->env;
    const sio_question q = {.fn = env->handlers->authorize,
                            .arg = env->handlers->authorize_arg,
                            .handshake_json = h->data.data};

    h->x->owner = h;
    h->x->abandoned = on_handshake09_abandoned;
    sio_authorization_ask(&h->decision, &q, on_handshake09_verdict, h);
}

void
sio_handshake09_serve(sio_exchange *x, const sio_request *r, const sio09_target *t)
{
    handshake *h = handshake09_new(x, r, t);
    unsigned   status;

    if (h == NULL) {
        sio_response_refuse(x, 500, "handshake error");
        return;
    }
    if (!sio_request_origin_allowed(x->env, r->head)) {
        handshake09_refuse(h, 403, "handshake bad origin", false);
        return;
    }
    if (x->env->phase >= SIO_SPREADING) {
        refuse_leaving_09(h);
        return;
    }
    if ((status = sio_handshake_limits_refuse(x, r->head)) != 0) {
        handshake09_refuse(h, status, "handshake error", true);
        return;
    }
    sio_handshake_data(&h->data, x, r, t->query);
    sio_buf_add_char(&h->data, '\0');
    if (h->data.failed)
        handshake09_refuse(h, 500, "handshake error", true);
    else if (sio_json_read_has_nul(sio_buf_view(&h->data)))
        handshake09_refuse(h, 400, "U+0000 in the query", true);
    else
        authorize(h);
}

void
sio_authorization(sio_server *io, sio_authorize_fn fn, void *arg)
{
    sio_handlers *handlers = sio_env_of(io)->handlers;

    handlers->authorize = fn;
    handlers->authorize_arg = arg;
}
