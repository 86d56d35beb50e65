/*
 * tests/fuzz/session_client.h - the far ends of connections, and what takes the place of
 * server/net/conn.c for them: no sockets, but peers that stop reading, leave, and fail.
 *
 * Included by fuzz_session.c and fuzz_cluster.c, once in each program: it defines the functions of
 * server/net/conn.h, so that those of the library stay out.
 */
#ifndef SIO_TESTS_FUZZ_SESSION_CLIENT_H
#define SIO_TESTS_FUZZ_SESSION_CLIENT_H

#include "server/http/http_conn.h"
#include "server/server.h"
#include "tests/fuzz/transcript.h"

enum {
    MAX_IDS = 10,
    MAX_HEAD = 512, /* as the server is told */
    MAX_HEADERS = 16,
    MAX_BODY = 2000,
    MAX_PACKET = 6 * MAX_BODY + 100, /* one is always taken, escaped or with an answer around it */
    MAX_KEPT = 16 * MAX_PACKET,      /* bytes that wait in a connection, never near it */
    LINGER_MS = 2000
};

/* Of the sessions that the server has opened, in this order. */
typedef struct {
    char     texts[MAX_IDS][SESSION_ID_LEN + 1];
    unsigned n;
} session_ids;

typedef struct client {
    sio_conn        conn;
    session_ids    *ids;
    struct client **place;  /* where the script finds it */
    const bool     *asleep; /* does its server get no turns? NULL: it always does */
    transcript      transcript;
    sio_buf         unread;     /* sent while the server had stopped reading */
    size_t          n_kept;     /* bytes written while the peer did not read */
    sio_timer       send_timer; /* "send timeout": since it has stopped */
    bool            paused, stalled, failing, left;
} client;

/* --- In place of server/net/conn.c. --- */

const struct lws_protocols sio_conn_protocols[] = {LWS_PROTOCOL_LIST_TERM};

static client *
client_of(sio_conn *c)
{
    return SIO_CONTAINER(c, client, conn);
}

static const client *
const_client_of(const sio_conn *c)
{
    return (const client *)((const char *)c - offsetof(client, conn));
}

static inline void
client_gone(client *p, const char *reason)
{
    sio_conn *c = &p->conn;

    sio_timer_cancel(&c->env->timers, &c->timer);
    sio_timer_cancel(&c->env->timers, &p->send_timer);
    sio_task_cancel(&c->close_task);
    sio_link_remove(&c->link);
    sio_admission_leave(c->env, &c->peer);
    sio_drain_release(&c->env->drain);
    *p->place = NULL;
    if (c->handler != NULL)
        c->handler->closed(c, reason);
    transcript_fini(&p->transcript);
    sio_buf_fini(&p->unread);
    free(p);
}

static void
on_timer(sio_timer *timer)
{
    sio_conn *c = SIO_CONTAINER(timer, sio_conn, timer);

    if (c->state == SIO_CONN_OPEN)
        c->handler->timeout(c);
    else
        sio_conn_abort(c);
}

static void
close_at_turn_end(sio_task *task)
{
    sio_conn *c = SIO_CONTAINER(task, sio_conn, close_task);

    if (c->broken) {
        client_gone(client_of(c), "socket error");
    } else if (c->state == SIO_CONN_CLOSING && !sio_conn_blocked(c)) {
        c->state = SIO_CONN_LINGERING;
        sio_timer_set(&c->env->timers, &c->timer, LINGER_MS);
    }
}

sio_conn *
sio_conn_adopt(sio_env *env, int fd, const sio_address *peer, bool is_admitted)
{
    (void)env;
    (void)fd;
    (void)peer;
    (void)is_admitted;
    abort(); /* nothing listens */
}

static void
keep_id(session_ids *ids, transcript *t)
{
    if (t->id[0] != '\0' && ids->n < MAX_IDS)
        memcpy(ids->texts[ids->n++], t->id, sizeof t->id);
    t->id[0] = '\0';
}

void
sio_conn_fail(sio_conn *c)
{
    c->broken = true;
    sio_deferred_add(&c->env->deferred, &c->close_task);
}

void
sio_conn_write(sio_conn *c, sio_view bytes)
{
    client *p = client_of(c);

    if (c->broken || bytes.len == 0)
        return;
    must(c->state == SIO_CONN_OPEN);
    if (p->failing) {
        sio_conn_fail(c);
        return;
    }
    if (p->stalled && p->n_kept == 0)
        sio_timer_set(&c->env->timers, &p->send_timer, c->env->cfg->send_timeout_ms);
    if (p->stalled)
        p->n_kept += bytes.len;
    must(p->n_kept <= MAX_KEPT);
    transcript_got(&p->transcript, bytes);
    keep_id(p->ids, &p->transcript);
}

static void
on_stalled(sio_timer *timer)
{
    sio_conn_fail(&SIO_CONTAINER(timer, client, send_timer)->conn);
}

bool
sio_conn_blocked(const sio_conn *c)
{
    return !c->broken && const_client_of(c)->n_kept > 0;
}

bool
sio_conn_peer_has_left(const sio_conn *c)
{
    return c->broken || const_client_of(c)->left;
}

void
sio_conn_set_timeout(sio_conn *c, unsigned delay_ms)
{
    must(c->state == SIO_CONN_OPEN);
    if (delay_ms == 0)
        sio_timer_cancel(&c->env->timers, &c->timer);
    else
        sio_timer_set(&c->env->timers, &c->timer, delay_ms);
}

void
sio_conn_pause(sio_conn *c, bool paused)
{
    client_of(c)->paused = paused;
}

void
sio_conn_close(sio_conn *c)
{
    if (c->state != SIO_CONN_OPEN)
        return;
    if (!c->broken)
        transcript_closed(&client_of(c)->transcript, c->env->stopping);
    c->state = SIO_CONN_CLOSING;
    c->handler = NULL;
    sio_timer_set(&c->env->timers, &c->timer, LINGER_MS);
    sio_deferred_add(&c->env->deferred, &c->close_task);
}

void
sio_conn_abort(sio_conn *c)
{
    c->state = SIO_CONN_CLOSING;
    c->handler = NULL;
    c->broken = true;
    sio_deferred_add(&c->env->deferred, &c->close_task);
}

/* --- What peers do. --- */

/* Connect to the server. The peer is at *place until it is gone; then NULL is. */
static inline client *
client_new(sio_server *server, session_ids *ids, client **place)
{
    client   *p = calloc(1, sizeof *p);
    sio_conn *c = &p->conn;

    must(p != NULL);
    p->ids = ids;
    p->place = place;
    p->send_timer.fire = on_stalled;
    transcript_init(&p->transcript, (sio_http_limits){MAX_HEAD, MAX_HEADERS}, MAX_BODY);
    sio_buf_init(&p->unread, SIZE_MAX);
    c->env = sio_env_of(server);
    sio_drain_hold(&server->env.drain);
    c->timer.fire = on_timer;
    sio_task_init(&c->close_task, close_at_turn_end);
    sio_link_init(&c->link);
    sio_link_append(&server->net.conns, &c->link);
    server->env.stats.connections++;
    *place = p;
    sio_http_conn_start(c);
    return p;
}

/* Is the server frozen? Then what the client does waits. */
static inline bool
client_waits(const client *p)
{
    return p->asleep != NULL && *p->asleep;
}

/* Hand over what the server has not read yet, as soon as it does. Was there anything? */
static inline bool
client_deliver(client *p)
{
    const size_t n = p->unread.len;
    char        *bytes;

    /* A copy that ends where the bytes end, for the sanitizer. */
    if (n == 0 || p->paused || client_waits(p) || (bytes = malloc(n)) == NULL)
        return false;
    memcpy(bytes, p->unread.data, n);
    sio_buf_clear(&p->unread);
    if (p->conn.state == SIO_CONN_OPEN && !p->conn.broken)
        p->conn.handler->readable(&p->conn, bytes, n);
    free(bytes);
    return true;
}

static inline void
client_send(client *p, sio_view bytes)
{
    if (p->left || bytes.len == 0)
        return;
    if (p->conn.state == SIO_CONN_OPEN)
        transcript_sent(&p->transcript, bytes);
    sio_buf_add_view(&p->unread, bytes);
    client_deliver(p);
}

static inline void
client_send_bytewise(client *p, sio_view bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        client_send(p, (sio_view){bytes.data + i, 1});
}

static inline void
client_read_again(client *p)
{
    const bool had_to_wait = p->n_kept > 0;
    sio_conn  *c = &p->conn;

    p->stalled = false;
    p->n_kept = 0;
    sio_timer_cancel(&c->env->timers, &p->send_timer);
    if (!had_to_wait)
        return;
    if (c->state == SIO_CONN_CLOSING)
        sio_deferred_add(&c->env->deferred, &c->close_task);
    else if (c->state == SIO_CONN_OPEN && !c->broken)
        c->handler->writable(c);
}

static inline void
client_request(client *p, const char *method, sio_view rest, const char *headers)
{
    const char    *blank = memchr(rest.data, ' ', rest.len);
    const size_t   target_len = blank != NULL ? (size_t)(blank - rest.data) : rest.len;
    const sio_view body =
        blank != NULL ? (sio_view){blank + 1, rest.len - target_len - 1} : (sio_view){rest.data, 0};
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_str(&text, method);
    sio_buf_add(&text, rest.data, target_len);
    sio_buf_add_str(&text, " HTTP/1.1\r\nHost: h\r\n");
    sio_buf_add_str(&text, headers);
    if (blank != NULL) {
        sio_buf_add_str(&text, "Content-Length: ");
        sio_buf_add_u64(&text, body.len);
        sio_buf_add_str(&text, "\r\n");
    }
    sio_buf_add_str(&text, "\r\n");
    sio_buf_add_view(&text, body);
    client_send(p, sio_buf_view(&text));
    sio_buf_fini(&text);
}

static inline void
client_message(client *p, uint8_t opcode, sio_view payload)
{
    uint8_t      header[SIO_WS_MAX_SERVER_HEADER];
    const size_t n = sio_ws_frame_encode_header(header, opcode, payload.len);
    sio_buf      bytes;

    header[1] |= 0x80; /* it has a mask: 0 */
    sio_buf_init(&bytes, SIZE_MAX);
    sio_buf_add(&bytes, header, n);
    sio_buf_add(&bytes, "\0\0\0\0", 4);
    sio_buf_add_view(&bytes, payload);
    client_send(p, sio_buf_view(&bytes));
    sio_buf_fini(&bytes);
}

#endif
