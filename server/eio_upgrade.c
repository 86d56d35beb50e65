#include "server/eio_upgrade.h"

#include <stdlib.h>

#include "server/answer.h"
#include "server/server.h"
#include "server/websocket.h"

/* A websocket that is open and carries nothing yet: "2probe", "3probe", then "5". */
typedef struct {
    sio_promise    promise;
    sio_websocket *ws; /* NULL: it is closed, or serves the session */
    bool           is_probed;
} probe;

/* Should the mailbox still wait for this websocket, it learns that none comes. */
static void
probe_free(probe *p)
{
    if (p->is_probed && p->promise.mailbox != NULL)
        sio_mailbox_upgrading(p->promise.mailbox, false);
    sio_promise_drop(&p->promise);
    free(p);
}

/* The polls go on. */
static void
give_up(probe *p, unsigned status)
{
    sio_conn_set_timeout(p->ws->conn, 0);
    sio_websocket_close(p->ws, status);
    p->ws = NULL;
}

/* What came behind the "5" is the session's already. */
static void
complete(probe *p, char *rest, size_t n)
{
    sio_websocket *ws = p->ws;
    sio_mailbox   *mailbox = p->promise.mailbox;

    if (mailbox == NULL) { /* the session has ended meanwhile */
        give_up(p, SIO_WS_CLOSE_NO_STATUS);
        return;
    }
    p->ws = NULL;
    p->is_probed = false;
    sio_promise_drop(&p->promise);
    sio_conn_set_timeout(ws->conn, 0);
    sio_websocket_start(ws, ws->conn, mailbox, rest, n);
}

static void
answer_probe(probe *p)
{
    if (!sio_conn_blocked(p->ws->conn))
        sio_websocket_send(p->ws, SIO_WS_TEXT, SIO_VIEW("3probe"));
    if (p->is_probed || p->promise.mailbox == NULL)
        return;
    p->is_probed = true;
    sio_mailbox_upgrading(p->promise.mailbox, true);
}

static void
act(probe *p, const sio_ws_message *m, char *rest, size_t n)
{
    const bool is_text = m->opcode == SIO_WS_TEXT;

    if (is_text && sio_view_eq(m->payload, SIO_VIEW("2probe")))
        answer_probe(p);
    else if (is_text && sio_view_eq(m->payload, SIO_VIEW("5")))
        complete(p, rest, n);
    else if (m->opcode == SIO_WS_CLOSE)
        give_up(p, sio_websocket_status_to_answer(m->payload));
    else if (m->opcode == SIO_WS_PING && !sio_conn_blocked(p->ws->conn))
        sio_websocket_send(p->ws, SIO_WS_PONG, m->payload);
    else if (is_text || m->opcode == SIO_WS_BINARY)
        give_up(p, SIO_WS_CLOSE_NO_STATUS); /* no packet may come before the upgrade */
}

static void
on_readable(sio_conn *c, char *bytes, size_t n)
{
    probe         *p = c->owner;
    sio_websocket *ws = p->ws;
    sio_ws_message message;
    unsigned       status = 0;

    while (p->ws != NULL && sio_websocket_next(ws, &bytes, &n, &message, &status))
        act(p, &message, bytes, n);
    if (p->ws != NULL && status != 0)
        give_up(p, status);
    if (p->ws == NULL)
        probe_free(p);
}

static void
on_writable(sio_conn *c)
{
    (void)c; /* only small answers are sent */
}

static void
on_timeout(sio_conn *c)
{
    probe *p = c->owner;

    give_up(p, SIO_WS_CLOSE_NO_STATUS);
    probe_free(p);
}

static void
on_closed(sio_conn *c, const char *reason)
{
    probe *p = c->owner;

    (void)reason;
    (void)c;
    sio_websocket_free(p->ws);
    probe_free(p);
}

static const sio_conn_handler handler = {
    .readable = on_readable,
    .writable = on_writable,
    .timeout = on_timeout,
    .closed = on_closed,
};

/* Takes ws and p. */
static void
start(probe *p, sio_websocket *ws, sio_conn *conn, sio_mailbox *mailbox, sio_buf *rest)
{
    const bool is_first = mailbox != NULL && sio_link_empty(&mailbox->promises);

    ws->conn = conn;
    p->ws = ws;
    conn->handler = &handler;
    conn->owner = p;
    sio_promise_make(&p->promise, is_first ? mailbox : NULL);
    if (!is_first) {
        give_up(p, SIO_WS_CLOSE_NO_STATUS);
        probe_free(p);
        return;
    }
    sio_conn_set_timeout(conn, conn->server->cfg.upgrade_timeout_ms);
    if (rest->len > 0)
        on_readable(conn, rest->data, rest->len);
}

void
sio_eio_upgrade(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox)
{
    probe         *p = calloc(1, sizeof *p);
    sio_websocket *ws;
    sio_conn      *conn;
    sio_buf        rest;

    if (p == NULL) {
        sio_answer_refuse(x, 503, "Out of memory.");
        return;
    }
    sio_buf_init(&rest, SIZE_MAX); /* what came right behind the request */
    ws = sio_websocket_upgrade(x, o, &conn, &rest);
    if (ws != NULL)
        start(p, ws, conn, mailbox, &rest);
    else
        free(p);
    sio_buf_fini(&rest);
}
