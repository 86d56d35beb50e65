#include "server/handler/engine_handshake.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json_read.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/engine/session.h"
#include "server/engine/terms.h"
#include "server/handler/handlers.h"
#include "server/handler/handshake_data.h"
#include "server/handler/handshake_limits.h"
#include "server/handler/session_cookie.h"
#include "server/http/response.h"
#include "server/socketio/authorization.h"
#include "server/socketio/dialects.h"
#include "server/transport/eio_response.h"

/* A handshake whose record is longer counts as several: requests may have very long headers. */
enum { FRESH_RECORD_BYTES = 4096 };

/* A handshake, while the application decides. */
typedef struct {
    sio_exchange *x;
    sio_decision *decision;
    sio_buf       data; /* the record, NUL-terminated */
    sio_opening   opening;
} handshake;

static void
engine_handshake_free(handshake *h)
{
    sio_opening_fini(&h->opening);
    sio_buf_fini(&h->data);
    free(h);
}

/* --- The session. --- */

static void
add_open_member(sio_buf *out, const char *name, uint64_t value)
{
    sio_buf_add_str(out, name);
    sio_buf_add_u64(out, value);
}

/* The suites of the protocol ask for these five keys and no other. */
static void
write_open_packet(const sio_session *s, const sio_transport *transport, sio_buf *out)
{
    const sio_cfg *cfg = s->env->cfg;
    const bool     may_upgrade = !transport->upgrade && cfg->allow_upgrades &&
                             sio_cfg_engine_may_use(cfg, SIO_VIEW("websocket"));

    sio_buf_add_str(out, "0{\"sid\":\"");
    sio_buf_add_str(out, s->id);
    sio_buf_add_str(out, may_upgrade ? "\",\"upgrades\":[\"websocket\"]" : "\",\"upgrades\":[]");
    add_open_member(out, ",\"pingInterval\":", s->terms->ping_interval_ms);
    add_open_member(out, ",\"pingTimeout\":", s->terms->ping_timeout_ms);
    add_open_member(out, ",\"maxPayload\":", s->terms->max_payload);
    sio_buf_add_char(out, '}');
}

static void
send_open_packet(sio_session *s, const sio_transport *transport)
{
    sio_buf *packet = &s->env->packet;

    sio_buf_clear(packet);
    write_open_packet(s, transport, packet);
    if (packet->failed)
        sio_mailbox_fail(&s->mailbox, "out of memory");
    else
        sio_session_send_text(s, sio_buf_view(packet));
}

static const sio_dialect *
dialect_of(const sio_opening *o)
{
    if (o->revision == SIO_EIO4)
        return o->echo ? &sio_dialect_echo4 : &sio_dialect_sio5.session;
    return o->echo ? &sio_dialect_echo3 : &sio_dialect_sio4.session;
}

/* On a websocket its client is there; to a poll it has to come back. */
static void
begin_session(sio_session *s, const sio_opening *o, size_t record_len)
{
    if (o->transport->upgrade)
        sio_engine_io_begin(s, o->revision, o->client, SIO_EIO3_BY_WEBSOCKET, 0);
    else
        sio_engine_io_begin(s, o->revision, o->client, SIO_EIO3_BY_POLLING,
                            1 + (unsigned)(record_len / FRESH_RECORD_BYTES));
    s->mailbox.no_bytes = o->base64;
}

static sio_session *
session_new(sio_env *env, sio_view data, sio_opening *o)
{
    char         id[SIO_SESSION_ID_MAX + 1];
    sio_session *session = NULL;

    if (sio_session_make_id(env, id) == SIO_OK &&
        sio_session_cookie(env->cfg, id, &o->cookie) == SIO_OK)
        session = sio_session_new(env, sio_view_of(id), data, dialect_of(o));
    if (session != NULL)
        begin_session(session, o, data.len);
    return session;
}

/* The application may greet, or end the session, before its first answer leaves. */
static void
engine_handshake_open_session(handshake *h)
{
    sio_env             *env = h->x->env;
    const sio_transport *transport = h->opening.transport;
    const sio_view       data = {h->data.data, h->data.len - 1};
    sio_session         *session = session_new(env, data, &h->opening);

    if (session == NULL) {
        sio_response_refuse(h->x, 503, "Out of memory.");
        return;
    }
    env->stats.handshakes++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_HANDSHAKE, session->id, "handshake, Engine.IO %d",
                        (int)h->opening.revision);
    session->dialect->heartbeat->attached(session, transport->channel);
    send_open_packet(session, transport);
    sio_session_connect(session, transport->channel);
    transport->open(h->x, &h->opening, &session->mailbox);
}

/* --- Steps. --- */

static void
engine_handshake_refuse(handshake *h, sio_eio_verdict verdict)
{
    h->x->env->stats.refused_handshakes++;
    sio_eio_response_refuse(h->x, sio_view_of(h->opening.origin), verdict);
}

/* No session begins here any more. Whoever passes requests on is to find another instance. */
static void
refuse_leaving_engine(sio_exchange *x)
{
    x->env->stats.refused_handshakes++;
    x->keep_alive = false;
    sio_response_refuse(x, 503, "The server is stopping.");
}

static void
on_engine_handshake_verdict(void *owner, sio_verdict verdict)
{
    handshake *h = owner;

    sio_authorization_take_handshake(h->decision, h->x->env->cfg->max_stored_bytes, &h->data);
    h->decision = NULL;
    h->x->abandoned = NULL;
    if (verdict == SIO_AWAY)
        sio_response_refuse(h->x, 503, "Nobody can decide now; try again.");
    else if (verdict !=
             SIO_ACCEPT) /* whether it refuses or fails: "allowRequest" knows no difference */
        engine_handshake_refuse(h, SIO_EIO_FORBIDDEN);
    else if (h->x->env->phase >= SIO_SPREADING)
        refuse_leaving_engine(h->x);
    else
        engine_handshake_open_session(h);
    engine_handshake_free(h);
}

/* The client has gone before it was answered. */
static void
on_engine_handshake_abandoned(sio_exchange *x, const char *reason)
{
    handshake *h = x->owner;

    (void)reason;
    sio_authorization_abandon(h->decision);
    engine_handshake_free(h);
}

static handshake *
engine_handshake_new(sio_exchange *x, const sio_request *r, sio_view query, sio_opening *o)
{
    handshake *h = calloc(1, sizeof *h);

    if (h == NULL)
        return NULL;
    h->x = x;
    sio_buf_init(&h->data, SIZE_MAX);
    sio_handshake_data(&h->data, x, r, query);
    sio_buf_add_char(&h->data, '\0');
    if (h->data.failed) {
        sio_buf_fini(&h->data);
        free(h);
        return NULL;
    }
    h->opening = *o;
    return h;
}

/* 0: there was no memory. */
static void
refuse_by_limit(sio_exchange *x, unsigned status)
{
    if (status == 429)
        sio_response_refuse(x, status, "Too many handshakes of this address; try again.");
    else
        sio_response_refuse(x, 503, "Too many sessions of this address, or out of memory.");
}

void
sio_engine_handshake_open(sio_exchange *x, const sio_request *r, sio_view query, sio_opening *o)
{
    sio_env     *env = x->env;
    handshake   *h = NULL;
    unsigned     status;
    sio_question q = {.fn = env->handlers->authorize, .arg = env->handlers->authorize_arg};

    if (env->phase >= SIO_SPREADING) {
        sio_opening_fini(o);
        refuse_leaving_engine(x);
        return;
    }
    if ((status = sio_handshake_limits_refuse(x, r->head)) == 0)
        h = engine_handshake_new(x, r, query, o);
    if (h == NULL) {
        env->stats.refused_handshakes++;
        sio_opening_fini(o);
        refuse_by_limit(x, status);
        return;
    }
    if (sio_json_read_has_nul(sio_buf_view(&h->data))) { /* %00 in the query */
        engine_handshake_refuse(h, SIO_EIO_BAD_REQUEST);
        engine_handshake_free(h);
        return;
    }
    x->owner = h;
    x->abandoned = on_engine_handshake_abandoned;
    q.handshake_json = h->data.data;
    sio_authorization_ask(&h->decision, &q, on_engine_handshake_verdict, h);
}
