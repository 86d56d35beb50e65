#include "server/transport/websocket_probe.h"

#include <stdlib.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/http/response.h"
#include "server/transport/websocket.h"
#include "server/transport/websocket_read.h"
#include "server/transport/websocket_upgrade.h"

/* A websocket that is open and carries nothing yet: "2probe", "3probe", then "5" or "5...". */
typedef struct {
    sio_probe        probe;
    sio_env         *env;
    sio_eio_revision revision;
    sio_websocket   *ws; /* NULL: it is closed, or serves the session */
    sio_task         release;
} candidate;

static void
probe_release(sio_task *task)
{
    free(SIO_CONTAINER(task, candidate, release));
}

/* Should the mailbox still wait for this websocket, it learns that none comes. */
static void
end(candidate *c)
{
    sio_probe_withdraw(&c->probe);
    sio_deferred_add(&c->env->deferred, &c->release);
}

/* The polls go on. */
static void
probe_give_up(candidate *c, unsigned status)
{
    sio_conn_set_timeout(c->ws->conn, 0);
    sio_websocket_close(c->ws, status);
    c->ws = NULL;
    end(c);
}

static void
on_session_over(sio_probe *probe)
{
    probe_give_up(SIO_CONTAINER(probe, candidate, probe), SIO_WS_CLOSE_NO_STATUS);
}

/* What came behind the "5" is the session's already. */
static void
complete(candidate *c, char *rest, size_t n)
{
    sio_websocket *ws = c->ws;
    sio_mailbox   *mailbox = sio_probe_succeed(&c->probe);

    c->ws = NULL;
    end(c);
    sio_conn_set_timeout(ws->conn, 0);
    sio_websocket_start(ws, ws->conn, SIO_VIEW(""), mailbox, rest, n);
}

static void
answer_probe(candidate *c)
{
    if (!sio_conn_blocked(c->ws->conn))
        sio_websocket_send(c->ws, SIO_WS_TEXT, SIO_VIEW("3probe"));
    sio_probe_announce(&c->probe);
}

/* What type 5 brings along says nothing; no other packet may come before the upgrade. */
static void
probe_receive(candidate *c, const sio_ws_message *m, char *rest, size_t n)
{
    sio_eio_packet p;
    const int      rc = m->opcode == SIO_WS_TEXT
                            ? sio_eio_packet_decode_text(c->revision, m->payload, &p)
                            : sio_eio_packet_decode_bytes(c->revision, m->payload, &p);

    if (rc == SIO_OK && p.type == SIO_EIO_UPGRADE)
        complete(c, rest, n);
    else if (rc == SIO_OK && p.type == SIO_EIO_PING && p.form == SIO_EIO_TEXT &&
             sio_view_eq(p.data, SIO_VIEW("probe")))
        answer_probe(c);
    else
        probe_give_up(c, SIO_WS_CLOSE_NO_STATUS);
}

static void
act(candidate *c, const sio_ws_message *m, char *rest, size_t n)
{
    if (m->opcode == SIO_WS_TEXT || m->opcode == SIO_WS_BINARY)
        probe_receive(c, m, rest, n);
    else if (m->opcode == SIO_WS_CLOSE)
        probe_give_up(c, sio_websocket_read_status_to_answer(c->ws->conn->env, m->payload));
    else if (m->opcode == SIO_WS_PING && !sio_conn_blocked(c->ws->conn))
        sio_websocket_send(c->ws, SIO_WS_PONG, m->payload);
}

static void
on_probe_readable(sio_conn *conn, char *bytes, size_t n)
{
    candidate     *c = conn->owner;
    sio_websocket *ws = c->ws;
    sio_ws_message message;
    unsigned       status = 0;

    while (c->ws != NULL && sio_websocket_read_next(ws, &bytes, &n, &message, &status))
        act(c, &message, bytes, n);
    if (c->ws != NULL && status != 0)
        probe_give_up(c, status);
}

static void
on_probe_writable(sio_conn *conn)
{
    (void)conn; /* only small answers are sent */
}

static void
on_probe_timeout(sio_conn *conn)
{
    probe_give_up(conn->owner, SIO_WS_CLOSE_NO_STATUS);
}

static void
on_probe_closed(sio_conn *conn, const char *reason)
{
    candidate *c = conn->owner;

    (void)reason;
    sio_websocket_free(c->ws);
    c->ws = NULL;
    end(c);
}

static const sio_conn_handler handler = {
    .readable = on_probe_readable,
    .writable = on_probe_writable,
    .timeout = on_probe_timeout,
    .closed = on_probe_closed,
};

static candidate *
candidate_new(sio_env *env, sio_eio_revision revision)
{
    candidate *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->env = env;
    c->revision = revision;
    c->probe.over = on_session_over;
    sio_task_init(&c->release, probe_release);
    return c;
}

/* Takes ws and c. */
static void
probe_start(candidate *c, sio_websocket *ws, sio_conn *conn, sio_mailbox *mailbox, sio_buf *rest)
{
    ws->conn = conn;
    c->ws = ws;
    conn->handler = &handler;
    conn->owner = c;
    if (mailbox == NULL) {
        probe_give_up(c, SIO_WS_CLOSE_NO_STATUS);
        return;
    }
    sio_probe_begin(&c->probe, mailbox);
    sio_conn_set_timeout(conn, c->env->cfg->upgrade_timeout_ms);
    if (rest->len > 0)
        on_probe_readable(conn, rest->data, rest->len);
}

void
sio_websocket_probe_open(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox)
{
    candidate     *c = candidate_new(x->env, o->revision);
    sio_websocket *ws;
    sio_conn      *conn;
    sio_buf        rest;

    if (c == NULL) {
        sio_response_refuse(x, 503, "Out of memory.");
        return;
    }
    sio_buf_init(&rest, SIZE_MAX); /* what came right behind the request */
    ws = sio_websocket_upgrade(x, o, &conn, &rest);
    if (ws != NULL) {
        sio_conn_write(conn, sio_buf_view(&o->upgrade.answer));
        probe_start(c, ws, conn, mailbox, &rest);
    } else {
        free(c);
    }
    sio_buf_fini(&rest);
}
