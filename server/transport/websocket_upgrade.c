#include "server/transport/websocket_upgrade.h"

#include <string.h>

#include "protocol/origin.h"
#include "server/base/env.h"
#include "server/base/websocket_accept.h"
#include "server/config/config.h"
#include "server/http/http_conn.h"
#include "server/http/response.h"
#include "server/transport/websocket_hixie.h"

enum { KEY_MAX = 128, NONCE_DIGITS = 22 };

/* --- Accepting: the request is at hand, its session is not known yet. --- */

/* How many headers of that name there are; *value is that of the last. */
static size_t
count_headers(const sio_request *r, const char *name, sio_view *value)
{
    const sio_view wanted = sio_view_of(name);
    size_t         n = 0;

    for (size_t i = 0; i < r->head->n_headers; i++) {
        if (!sio_view_eq_nocase(r->head->headers[i].name, wanted))
            continue;
        *value = r->head->headers[i].value;
        n++;
    }
    return n;
}

static void
add_accept_header(sio_view key, sio_buf *out)
{
    sio_buf_add_str(out, "Sec-WebSocket-Accept: ");
    sio_websocket_accept_add(key, out);
    sio_buf_add_str(out, "\r\n");
}

/*
 * The first subprotocol that is offered, as socket.io since 1.0 selects it: clients that get none
 * end the connection (RFC 6455, 4.1). Empty: none. 0.9 never selects any.
 */
static sio_view
protocol_of(const sio_request *r, const sio_transport *transport)
{
    sio_view protocol = SIO_VIEW("");

    if (transport->channel->engine)
        (void)sio_http_header_first_token(r->head, "sec-websocket-protocol", &protocol);
    return protocol;
}

static void
upgrade_write_answer(const sio_ws_deflate_terms *deflate, sio_view key, sio_view protocol,
                     sio_buf *answer)
{
    sio_buf_add_str(answer, "HTTP/1.1 101 Switching Protocols\r\n"
                            "Upgrade: websocket\r\n"
                            "Connection: Upgrade\r\n");
    add_accept_header(key, answer);
    if (protocol.len > 0)
        sio_response_header(answer, "Sec-WebSocket-Protocol", protocol);
    if (deflate->is_accepted) {
        sio_buf_add_str(answer, "Sec-WebSocket-Extensions: ");
        sio_ws_deflate_add_answer(deflate, answer);
        sio_buf_add_str(answer, "\r\n");
    }
    sio_buf_add_str(answer, "\r\n");
}

/* False when what the client offers is not a list of extensions. */
static bool
agree_on_deflate(sio_env *env, const sio_http_request *head, sio_ws_deflate_terms *terms)
{
    for (size_t i = 0; i < head->n_headers; i++)
        if (sio_view_eq_nocase(head->headers[i].name, SIO_VIEW("sec-websocket-extensions")) &&
            sio_ws_deflate_read_offers(head->headers[i].value, terms) != SIO_OK)
            return false;
    if (terms->is_accepted && env->websockets->deflate == NULL)
        env->websockets->deflate = sio_ws_deflate_new();
    if (env->websockets->deflate == NULL) /* out of memory: then without */
        terms->is_accepted = false;
    return true;
}

static bool
is_rfc6455(sio_view version)
{
    return sio_view_eq(version, SIO_VIEW("13"));
}

/* Draft 7 was gone before there was an Engine.IO. */
static bool
is_supported(sio_view version, const sio_transport *transport)
{
    return is_rfc6455(version) || sio_view_eq(version, SIO_VIEW("8")) ||
           (!transport->channel->engine && sio_view_eq(version, SIO_VIEW("7")));
}

static bool
is_base64_digit(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* Base64 of 16 bytes? What its last digit has beyond them is not looked at, nor is it in ws. */
static bool
is_nonce(sio_view key)
{
    if (key.len != NONCE_DIGITS + 2 || key.data[key.len - 2] != '=' || key.data[key.len - 1] != '=')
        return false;
    for (size_t i = 0; i < NONCE_DIGITS; i++)
        if (!is_base64_digit(key.data[i]))
            return false;
    return true;
}

/*
 * A nonce (RFC 6455, 4.1) is asked for in revision 4 only. The servers before took any key, and
 * some clients need that: elephant.io sends 20 bytes, a library for Arduino its session id.
 */
static bool
is_key(const sio_opening *o, sio_view key)
{
    if (o->transport->channel->engine && o->revision == SIO_EIO4)
        return is_nonce(key);
    return key.len > 0 && key.len <= KEY_MAX;
}

static bool
has_body(const sio_request *r)
{
    return r->body.len > 0 || r->head->chunked;
}

/* The extensions of drafts 7 and 8 had other rules. */
static bool
accept_version(sio_exchange *x, const sio_request *r, sio_view version, sio_opening *o)
{
    sio_upgrade *upgrade = &o->upgrade;
    sio_view     key;

    if (count_headers(r, "sec-websocket-key", &key) != 1 || !is_key(o, key)) {
        sio_response_refuse(x, 400, "Sec-WebSocket-Key missing or not valid.");
        return false;
    }
    if (has_body(r)) {
        sio_response_refuse(x, 400, "An upgrade has no body.");
        return false;
    }
    upgrade->rfc6455 = is_rfc6455(version);
    if (x->env->cfg->per_message_deflate && upgrade->rfc6455 &&
        !agree_on_deflate(x->env, r->head, &upgrade->deflate)) {
        sio_response_refuse(x, 400, "Sec-WebSocket-Extensions not valid.");
        return false;
    }
    upgrade_write_answer(&upgrade->deflate, key, protocol_of(r, o->transport), &upgrade->answer);
    return true;
}

/* The client learns which version it should have asked for (RFC 6455, 4.2.2). */
static void
refuse_version(sio_exchange *x)
{
    const sio_view text = SIO_VIEW("Sec-WebSocket-Version missing or not supported.");
    sio_buf       *head = sio_response_begin(x, 400);

    x->env->stats.bad_requests++;
    sio_response_header(head, "Content-Type", SIO_VIEW("text/plain"));
    sio_response_cors_of_refusal(x, head);
    sio_response_header(head, "Sec-WebSocket-Version", SIO_VIEW("13"));
    sio_response_content_length(head, text.len);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, text);
}

static bool
origin_allowed(const sio_cfg *cfg, const sio_request *r)
{
    sio_view   origin = SIO_VIEW("");
    const bool has_origin = sio_http_header_get(r->head, "origin", &origin) ||
                            sio_http_header_get(r->head, "sec-websocket-origin", &origin);

    return sio_origin_allowed(cfg->origins.items, cfg->origins.n, has_origin, origin);
}

bool
sio_websocket_upgrade_accept(sio_exchange *x, const sio_request *r, sio_opening *o)
{
    sio_view     version = SIO_VIEW("");
    const size_t n_versions = count_headers(r, "sec-websocket-version", &version);
    const bool   is_hixie = /* the key came with the versions */
        n_versions == 0 && sio_http_header_value(r->head, "sec-websocket-key").len == 0;

    if (is_hixie)
        x->keep_alive = false; /* should it be refused: a nonce may follow, which is no request */
    if (!origin_allowed(x->env->cfg, r)) {
        sio_response_refuse(x, 403, "Origin not allowed.");
        return false;
    }
    if (is_hixie)
        return sio_websocket_hixie_accept(x, r, o);
    if (n_versions == 1 && is_supported(version, o->transport))
        return accept_version(x, r, version, o);
    refuse_version(x);
    return false;
}

/* --- Opening: the session is known, or known to be unknown. --- */

static const sio_websocket_framing *
framing_of(const sio_opening *o)
{
    if (o->upgrade.hixie)
        return &sio_websocket_hixie;
    if (o->base64)
        return o->revision == SIO_EIO3 ? &sio_websocket_eio3_base64 : &sio_websocket_eio4_base64;
    return &sio_websocket_rfc6455;
}

/*
 * Servers of 0.9 asked for no mask, and some of their clients send none, even in version 13
 * (libraries for Arduino and Python). Lengths of the drafts 7 and 8 may have any form, as with
 * them.
 */
static void
set_strictness(sio_websocket *ws, const sio_opening *o)
{
    sio_ws_reader *reader = &ws->reader.rfc6455;

    reader->needs_mask = o->transport->channel->engine;
    reader->needs_shortest = o->transport->channel->engine || o->upgrade.rfc6455;
    ws->deflate = o->upgrade.deflate;
    if (ws->deflate.is_accepted)
        reader->allowed_rsv = SIO_WS_RSV1;
}

sio_websocket *
sio_websocket_upgrade(sio_exchange *x, const sio_opening *o, sio_conn **conn, sio_buf *rest)
{
    sio_websocket *ws = NULL;

    if (!o->upgrade.answer.failed)
        ws = sio_websocket_new(x->env, o->transport->channel, framing_of(o));
    if (ws == NULL) {
        sio_response_refuse(x, 503, "Out of memory.");
        return NULL;
    }
    if (!o->upgrade.hixie)
        set_strictness(ws, o);
    sio_response_count(x, 101);
    *conn = sio_http_conn_detach(x, rest);
    return ws;
}

void
sio_websocket_upgrade_open(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox)
{
    sio_websocket *ws;
    sio_conn      *conn;
    sio_buf        rest;

    sio_buf_init(&rest, SIZE_MAX);
    ws = sio_websocket_upgrade(x, o, &conn, &rest);
    if (ws != NULL && o->upgrade.digest)
        sio_websocket_hixie_prove(ws, conn, o, mailbox, rest.data, rest.len);
    else if (ws != NULL)
        sio_websocket_start(ws, conn, sio_buf_view(&o->upgrade.answer), mailbox, rest.data,
                            rest.len);
    sio_buf_fini(&rest);
}
