/*
 * TLS: OpenSSL between a socket and its connection, with one event of libevent for each.
 *
 * OpenSSL may read more from the socket than it was asked for, and what it has then makes the
 * socket ready no more: has_more says that there is something of that kind, and the event is made
 * active by hand.
 */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/net/carrier.h"
#include "server/net/net.h"
#include "server/net/plain_socket.h"
#include "server/net/tls_peer.h"
#include "server/net/tls_socket.h"
#include "store/clock.h"

typedef enum {
    CLEAR,   /* nothing of TLS yet: a PROXY header comes first */
    SHAKING, /* the handshake is under way: nothing can be said, or is heard */
    SECURE,
    OVER /* there is no TLS, or no more of it: what is said leaves as it is */
} tls_state;

typedef struct tls_shake tls_shake;

typedef struct {
    sio_conn     conn;
    struct event event;
    SSL         *ssl;

    sio_tls_socket socket;
    tls_shake     *shake;
    uint8_t        state;
    bool           has_more;         /* to read, though the socket may say nothing */
    bool           reads_by_writing; /* OpenSSL has to write something before it reads on */
} tls_conn;

/* A handshake under way. */
struct tls_shake {
    sio_link  link; /* in net->tls.shakes */
    tls_conn *tls;
    sio_timer timer;
    uint64_t  began_us;
    bool      writes; /* it goes on when the socket takes more */

    sio_tls_beginning beginning;
};

static tls_conn *
tls_of(sio_conn *c)
{
    return SIO_CONTAINER(c, tls_conn, conn);
}

static int
tls_open(sio_env *env)
{
    env->net->tls.sockets = sio_tls_socket_method();
    return env->net->tls.sockets != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

/* --- Watching. --- */

static void on_tls_event(evutil_socket_t fd, short what, void *arg);

static short
tls_events(const tls_conn *t)
{
    const unsigned wants = t->conn.wants;
    short          events = EV_PERSIST;

    if (t->state == SHAKING)
        return (short)(EV_PERSIST | EV_READ | (t->shake->writes ? EV_WRITE : 0));
    if ((wants & SIO_CARRIER_READ) != 0)
        events |= EV_READ;
    if ((wants & SIO_CARRIER_WRITE) != 0 || t->reads_by_writing)
        events |= EV_WRITE;
    if ((wants & SIO_CARRIER_END) != 0) /* as in carrier_tcp.c */
        events |= EV_READ | EV_CLOSED | EV_ET;
    return events;
}

/* SIO_OK or SIO_ERR_NOMEM. */
static int
tls_add_event(tls_conn *t)
{
    const short events = tls_events(t);

    if (event_assign(&t->event, t->conn.env->base, t->conn.fd, events, on_tls_event, t) != 0)
        return SIO_ERR_NOMEM;
    if (events != EV_PERSIST && event_add(&t->event, NULL) != 0)
        return SIO_ERR_NOMEM;
    if (t->state == SECURE && t->has_more && (t->conn.wants & SIO_CARRIER_READ) != 0)
        event_active(&t->event, EV_READ, 0);
    return SIO_OK;
}

static void
tls_watch(sio_conn *c)
{
    tls_conn *t = tls_of(c);

    event_del(&t->event);
    if (tls_add_event(t) != SIO_OK)
        sio_conn_fail(c);
}

/* --- The handshake. --- */

static void
shake_free(tls_conn *t)
{
    if (t->shake == NULL)
        return;
    sio_timer_cancel(&t->conn.env->timers, &t->shake->timer);
    sio_link_remove(&t->shake->link);
    t->conn.env->stats.tls_shaking--;
    sio_buf_fini(&t->shake->beginning.early);
    t->socket.beginning = NULL;
    free(t->shake);
    t->shake = NULL;
}

/* Nobody will speak here. An alert of OpenSSL, or the answer, leaves before the end. */
static void
give_tls_up(tls_conn *t, sio_tls_failure failure, const char *details)
{
    sio_conn      *c = &t->conn;
    const sio_view answer = failure == SIO_TLS_PLAIN ? c->env->net->owner->insecure : SIO_VIEW("");

    sio_tls_note_failure(c, failure, details);
    shake_free(t);
    t->state = OVER;
    sio_conn_refuse(c, answer);
}

static void
on_shake_timer(sio_timer *timer)
{
    give_tls_up(SIO_CONTAINER(timer, tls_shake, timer)->tls, SIO_TLS_TIMEOUT, NULL);
}

static bool
speaks_http(char first)
{
    return first >= 'A' && first <= 'Z'; /* the methods; a record of TLS begins with 22 */
}

/* One that has said nothing was a check whether anybody listens. */
static void
end_shake(tls_conn *t)
{
    if (t->shake->beginning.has_begun) {
        give_tls_up(t, SIO_TLS_CLOSED, NULL);
        return;
    }
    shake_free(t);
    t->state = OVER;
    sio_conn_refuse(&t->conn, SIO_VIEW(""));
}

static void
fail_shake(tls_conn *t, int why)
{
    const unsigned long error = ERR_peek_last_error();
    const int           reason = ERR_GET_REASON(error);

    if (speaks_http(t->shake->beginning.first))
        give_tls_up(t, SIO_TLS_PLAIN, NULL);
    else if (why != SSL_ERROR_SSL || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        end_shake(t);
    else
        give_tls_up(t, sio_tls_failure_of(reason), ERR_reason_error_string(error));
    ERR_clear_error();
}

static void
complete_shake(tls_conn *t)
{
    sio_env       *env = t->conn.env;
    const uint64_t us = sio_now_us() - t->shake->began_us;

    shake_free(t);
    t->state = SECURE;
    t->has_more = SSL_has_pending(t->ssl) == 1;
    sio_tls_note_shaken(env, SSL_session_reused(t->ssl) == 1, us);
    tls_watch(&t->conn);
}

static void
shake_hands(tls_conn *t)
{
    int rc, why;

    if (!sio_tls_may_step(t->conn.env))
        return;
    ERR_clear_error();
    rc = SSL_do_handshake(t->ssl);
    why = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(t->ssl, rc);
    if (why == SSL_ERROR_NONE) {
        complete_shake(t);
    } else if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
        fail_shake(t, why);
    } else if (t->shake->writes != (why == SSL_ERROR_WANT_WRITE)) {
        t->shake->writes = why == SSL_ERROR_WANT_WRITE;
        tls_watch(&t->conn);
    }
}

static tls_shake *
shake_new(tls_conn *t, sio_view early)
{
    tls_shake *shake = calloc(1, sizeof *shake);

    if (shake == NULL)
        return NULL;
    shake->tls = t;
    shake->timer.fire = on_shake_timer;
    shake->began_us = sio_now_us();
    sio_buf_init(&shake->beginning.early, SIZE_MAX);
    sio_buf_add_view(&shake->beginning.early, early);
    if (!shake->beginning.early.failed)
        return shake;
    free(shake);
    return NULL;
}

/* Handshakes that are meant seriously are over before they are the oldest of so many. */
static void
make_room(sio_env *env)
{
    sio_link *oldest = env->net->tls.shakes.next;

    if (env->stats.tls_shaking >= env->net->tls.max_shakes)
        give_tls_up(SIO_CONTAINER(oldest, tls_shake, link)->tls, SIO_TLS_CROWDED, NULL);
}

static void
tls_secure(sio_conn *c, sio_view early)
{
    tls_conn *t = tls_of(c);
    sio_env  *env = c->env;

    make_room(env);
    if ((t->shake = shake_new(t, early)) != NULL)
        t->socket = (sio_tls_socket){c, &t->shake->beginning};
    if (t->shake == NULL || (t->ssl = sio_tls_socket_ssl(&t->socket)) == NULL) {
        free(t->shake);
        t->shake = NULL;
        t->socket.beginning = NULL;
        sio_conn_fail(c);
        return;
    }
    c->is_secure = true;
    t->state = SHAKING;
    env->stats.tls_shaking++;
    sio_link_append(&env->net->tls.shakes, &t->shake->link);
    sio_timer_set(&env->timers, &t->shake->timer, env->cfg->request_timeout_ms);
    if (early.len > 0)
        event_active(&t->event, EV_READ, 0);
}

/* --- What the socket says. --- */

static void
on_tls_event(evutil_socket_t fd, short what, void *arg)
{
    tls_conn *t = arg;
    sio_conn *c = &t->conn;

    (void)fd;
    if (t->state == SHAKING) {
        shake_hands(t);
        return;
    }
    if ((what & (EV_READ | EV_CLOSED)) != 0 || t->reads_by_writing) {
        (c->wants & SIO_CARRIER_READ) != 0 ? sio_conn_on_readable(c) : sio_conn_on_end(c);
        if (t->has_more && (c->wants & SIO_CARRIER_READ) != 0)
            event_active(&t->event, EV_READ, 0);
    }
    if ((what & EV_WRITE) != 0)
        sio_conn_on_writable(c);
}

/* --- The table. --- */

static int
tls_attach(sio_conn *c)
{
    return tls_add_event(tls_of(c));
}

static void
tls_detach(sio_conn *c)
{
    tls_conn *t = tls_of(c);

    shake_free(t);
    SSL_free(t->ssl);
    event_del(&t->event);
    close(c->fd);
}

/* What SSL_read() did not bring: 0, SIO_PARTIAL or SIO_ERR_SYS, as of a table. */
static ptrdiff_t
no_bytes(tls_conn *t, int rc)
{
    const int  why = SSL_get_error(t->ssl, rc);
    const bool writes = why == SSL_ERROR_WANT_WRITE;

    if (writes != t->reads_by_writing) {
        t->reads_by_writing = writes;
        tls_watch(&t->conn);
    }
    if (why == SSL_ERROR_WANT_READ || writes)
        return SIO_PARTIAL;
    return why == SSL_ERROR_ZERO_RETURN ? 0 : SIO_ERR_SYS;
}

/* What OpenSSL says of a call counts only behind an empty list; emptying it is dear. */
static void
forget_errors(void)
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
}

/* As many records as there are, and room for. */
static ptrdiff_t
read_records(tls_conn *t, char *bytes, size_t n)
{
    size_t    n_read = 0, some = 0;
    ptrdiff_t why = SIO_PARTIAL;
    bool      is_there = true;

    forget_errors();
    while (is_there && n_read < n) {
        const int rc = SSL_read_ex(t->ssl, bytes + n_read, n - n_read, &some);

        if (rc != 1) {
            why = no_bytes(t, rc);
            t->has_more = why != SIO_PARTIAL && n_read > 0;
            return n_read > 0 ? (ptrdiff_t)n_read : why;
        }
        n_read += some;
        is_there = SSL_has_pending(t->ssl) == 1;
    }
    t->has_more = is_there;
    return (ptrdiff_t)n_read;
}

static ptrdiff_t
tls_read(sio_conn *c, char *bytes, size_t n)
{
    tls_conn *t = tls_of(c);

    t->has_more = false;
    if (t->state == SECURE)
        return read_records(t, bytes, n);
    return t->state == SHAKING ? SIO_PARTIAL : sio_plain_socket_read(c, bytes, n);
}

/* A record that the socket took in part has to be offered again, as conn.c does. */
static ptrdiff_t
write_records(tls_conn *t, sio_view bytes)
{
    size_t n = 0, some = 0;

    forget_errors();
    while (n < bytes.len) {
        const int rc = SSL_write_ex(t->ssl, bytes.data + n, bytes.len - n, &some);

        if (rc != 1)
            return SSL_get_error(t->ssl, rc) == SSL_ERROR_WANT_WRITE ? (ptrdiff_t)n : SIO_ERR_SYS;
        n += some;
    }
    return (ptrdiff_t)n;
}

static ptrdiff_t
tls_write(sio_conn *c, sio_view bytes)
{
    tls_conn *t = tls_of(c);

    if (t->state == SECURE)
        return write_records(t, bytes);
    return t->state == SHAKING ? 0 : sio_plain_socket_write(c, bytes);
}

/* With a goodbye, so that nobody takes the end for that of somebody in between. */
static bool
tls_end_output(sio_conn *c)
{
    tls_conn *t = tls_of(c);

    if (t->state == SECURE) {
        ERR_clear_error();
        (void)SSL_shutdown(t->ssl);
        ERR_clear_error();
    }
    shake_free(t);
    t->state = OVER; /* what still comes is thrown away as it is */
    return sio_plain_socket_end_output(c);
}

/* A goodbye is among the bytes, but nothing that was said. */
static bool
tls_has_unread(const sio_conn *c)
{
    const tls_conn *t = (const tls_conn *)(const void *)c;
    char            byte;
    size_t          n = 0;
    bool            has_some;

    if (t->state != SECURE)
        return sio_plain_socket_has_unread(c);
    if (SSL_has_pending(t->ssl) == 0 && !sio_plain_socket_has_unread(c))
        return false;
    ERR_clear_error();
    has_some = SSL_peek_ex(t->ssl, &byte, 1, &n) == 1;
    ERR_clear_error();
    return has_some;
}

static void
tls_describe(const sio_conn *c, sio_buf *json)
{
    sio_tls_peer_describe(((const tls_conn *)(const void *)c)->ssl, json);
}

const sio_carrier sio_carrier_tls = {
    .name = "tls",
    .conn_size = sizeof(tls_conn),
    .open = tls_open,
    .attach = tls_attach,
    .detach = tls_detach,
    .secure = tls_secure,
    .read = tls_read,
    .write = tls_write,
    .watch = tls_watch,
    .end_output = tls_end_output,
    .peer_has_left = sio_plain_socket_peer_has_left,
    .describe = tls_describe,
    .has_unread = tls_has_unread,
};
