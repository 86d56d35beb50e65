#include "server/transport/websocket_hixie.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/digest.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/mailbox.h"
#include "server/http/response.h"

/* --- Framing. --- */

static void
hixie_reader_init(sio_websocket_reader *r, size_t max_message_bytes)
{
    sio_ws_hixie_reader_init(&r->hixie, max_message_bytes);
}

static void
hixie_reader_fini(sio_websocket_reader *r)
{
    sio_ws_hixie_reader_fini(&r->hixie);
}

static size_t
hixie_reader_kept(const sio_websocket_reader *r)
{
    return r->hixie.partial.cap;
}

static int
hixie_reader_next(sio_websocket_reader *r, char **bytes, size_t *n, sio_ws_message *out)
{
    return sio_ws_hixie_reader_next(&r->hixie, bytes, n, out);
}

const sio_websocket_framing sio_websocket_hixie = {
    .reader_init = hixie_reader_init,
    .reader_fini = hixie_reader_fini,
    .reader_next = hixie_reader_next,
    .reader_kept = hixie_reader_kept,
    .add = sio_ws_hixie_add_frame,
};

/* --- The request. --- */

/* Where the client believes to be. It compares, so this is its own Host and target. */
static void
add_location(sio_buf *answer, const char *name, const sio_cfg *cfg, const sio_request *r)
{
    const sio_view origin = sio_http_header_value(r->head, "origin"), https = SIO_VIEW("https:");
    const bool     secure = cfg->match_origin_protocol && origin.len >= https.len &&
                        sio_view_eq_nocase((sio_view){origin.data, https.len}, https);

    sio_buf_add_str(answer, name);
    sio_buf_add_str(answer, secure ? ": wss://" : ": ws://");
    sio_buf_add_view(answer, sio_http_header_value(r->head, "host"));
    sio_buf_add_view(answer, r->head->target);
    sio_buf_add_str(answer, "\r\n");
}

static void
add_if_sent(sio_buf *answer, const char *name, const sio_request *r, const char *sent_as)
{
    sio_view value;

    if (sio_http_header_get(r->head, sent_as, &value))
        sio_response_header(answer, name, value);
}

static void
hixie_write_answer(sio_upgrade *upgrade, const sio_cfg *cfg, const sio_request *r)
{
    sio_buf *answer = &upgrade->answer;

    sio_buf_add_str(answer, upgrade->digest ? "HTTP/1.1 101 WebSocket Protocol Handshake\r\n"
                                            : "HTTP/1.1 101 Web Socket Protocol Handshake\r\n");
    sio_buf_add_str(answer, "Upgrade: WebSocket\r\n"
                            "Connection: Upgrade\r\n");
    if (upgrade->digest) {
        add_if_sent(answer, "Sec-WebSocket-Origin", r, "origin");
        add_location(answer, "Sec-WebSocket-Location", cfg, r);
        add_if_sent(answer, "Sec-WebSocket-Protocol", r, "sec-websocket-protocol");
    } else {
        add_if_sent(answer, "WebSocket-Origin", r, "origin");
        add_location(answer, "WebSocket-Location", cfg, r);
    }
    sio_buf_add_str(answer, "\r\n");
}

bool
sio_websocket_hixie_accept(sio_exchange *x, const sio_request *r, sio_opening *o)
{
    sio_upgrade *upgrade = &o->upgrade;
    sio_view     key1 = SIO_VIEW(""), key2 = SIO_VIEW("");
    const bool   has_key1 = sio_http_header_get(r->head, "sec-websocket-key1", &key1);
    const bool   has_key2 = sio_http_header_get(r->head, "sec-websocket-key2", &key2);

    upgrade->hixie = true;
    upgrade->digest = has_key1 || has_key2;
    if (!sio_view_eq(sio_http_header_value(r->head, "upgrade"), SIO_VIEW("WebSocket"))) {
        sio_response_refuse(x, 400, "Sec-WebSocket-Version missing.");
        return false;
    }
    if (upgrade->digest && (sio_ws_hixie_key_number(key1, &upgrade->numbers[0]) != SIO_OK ||
                            sio_ws_hixie_key_number(key2, &upgrade->numbers[1]) != SIO_OK)) {
        sio_response_refuse(x, 400, "Sec-WebSocket-Key1 or Sec-WebSocket-Key2 not valid.");
        return false;
    }
    hixie_write_answer(upgrade, x->env->cfg, r);
    return true;
}

/* --- The proof. --- */

/* A connection whose nonce has not come yet. It has no hold on the session, which may end. */
typedef struct {
    sio_promise    promise;
    sio_websocket *ws;
    uint32_t       numbers[2];
    uint8_t        nonce[SIO_HIXIE_NONCE_BYTES];
    size_t         n_nonce;
} proof;

static void
proof_free(proof *p)
{
    if (p->ws != NULL)
        sio_websocket_free(p->ws);
    sio_promise_drop(&p->promise);
    free(p);
}

/* False when this libcrypto has no MD5, as where only approved algorithms are allowed. */
static bool
send_digest(const proof *p, sio_conn *c)
{
    uint8_t challenge[SIO_HIXIE_CHALLENGE_BYTES], digest[SIO_MD5_BYTES];

    sio_ws_hixie_challenge(p->numbers, p->nonce, challenge);
    if (!sio_digest_md5((sio_view){(const char *)challenge, sizeof challenge}, digest))
        return false;
    sio_conn_write(c, (sio_view){(const char *)digest, sizeof digest});
    return true;
}

static void
finish_proof(proof *p, sio_conn *c, char *rest, size_t n)
{
    sio_websocket *ws = p->ws;

    sio_conn_set_timeout(c, 0);
    if (send_digest(p, c)) {
        p->ws = NULL;
        sio_websocket_start(ws, c, SIO_VIEW(""), p->promise.mailbox, rest, n);
    } else {
        sio_log_limit_write(&c->env->log_limits, SIO_LOG_FAILURE, NULL,
                            "no MD5 here: hixie-76 websocket not opened");
        sio_conn_close(c);
    }
    proof_free(p);
}

static void
on_hixie_readable(sio_conn *c, char *bytes, size_t n)
{
    proof       *p = c->owner;
    const size_t missing = sizeof p->nonce - p->n_nonce;
    const size_t taken = n < missing ? n : missing;

    memcpy(p->nonce + p->n_nonce, bytes, taken);
    p->n_nonce += taken;
    if (p->n_nonce == sizeof p->nonce)
        finish_proof(p, c, bytes + taken, n - taken);
}

static void
on_hixie_writable(sio_conn *c)
{
    (void)c; /* nothing is sent before the digest */
}

static void
on_hixie_timeout(sio_conn *c)
{
    proof *p = c->owner;

    sio_conn_close(c);
    proof_free(p);
}

/* The session is left as it is: its client may go on with another transport. */
static void
on_hixie_closed(sio_conn *c, const char *reason)
{
    (void)reason;
    proof_free(c->owner);
}

static const sio_conn_handler proof_handler = {
    .readable = on_hixie_readable,
    .writable = on_hixie_writable,
    .timeout = on_hixie_timeout,
    .closed = on_hixie_closed,
};

void
sio_websocket_hixie_prove(sio_websocket *ws, sio_conn *conn, const sio_opening *o,
                          sio_mailbox *mailbox, char *bytes, size_t n)
{
    proof *p = calloc(1, sizeof *p);

    if (p == NULL) {
        sio_websocket_free(ws);
        sio_conn_abort(conn);
        return;
    }
    sio_conn_write(conn, sio_buf_view(&o->upgrade.answer));
    p->ws = ws;
    memcpy(p->numbers, o->upgrade.numbers, sizeof p->numbers);
    sio_promise_make(&p->promise, mailbox);
    conn->handler = &proof_handler;
    conn->owner = p;
    sio_conn_set_timeout(conn, conn->env->cfg->request_timeout_ms);
    if (n > 0)
        on_hixie_readable(conn, bytes, n);
}
