#include "server/net/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/net/admission.h"
#include "server/net/net.h"

enum { LINGER_MS = 2000 };

/* Made when the socket takes no more, so that others cost nothing. */
struct sio_conn_unsent {
    sio_conn *conn;
    sio_timer timer; /* "send timeout": since the socket took some of it */
    sio_buf   bytes;
    size_t    n_sent; /* of these */
};

/* --- The socket. --- */

/*
 * libwebsockets only watches it: to the library it is a descriptor of any kind, which it calls a raw
 * file. Its own reading and writing of sockets reads nothing while a write is incomplete, and is
 * woken by what it does not read at once again.
 */
static struct lws *
watch(sio_conn *c)
{
    const lws_adopt_desc_t desc = {
        .vh = c->env->net->vhost,
        .type = LWS_ADOPT_RAW_FILE_DESC,
        .fd.filefd = c->fd,
        .vh_prot_name = sio_conn_protocols[0].name,
        .opaque = c,
    };

    return lws_adopt_descriptor_vhost_via_info(&desc);
}

static bool
is_transient(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* How many of the bytes the socket takes; none when it has failed. */
static size_t
send_some(sio_conn *c, sio_view bytes)
{
    const ssize_t n = send(c->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

    if (n < 0 && !is_transient(errno))
        sio_conn_fail(c);
    return n > 0 ? (size_t)n : 0;
}

static void
kill_now(sio_conn *c)
{
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

/* --- What the socket does not take. --- */

static void
on_stalled(sio_timer *timer)
{
    sio_conn_unsent *u = SIO_CONTAINER(timer, sio_conn_unsent, timer);

    u->conn->env->stats.send_timeouts++;
    sio_conn_fail(u->conn);
}

static sio_conn_unsent *
unsent_new(sio_conn *c)
{
    sio_conn_unsent *u = calloc(1, sizeof *u);

    if (u == NULL)
        return NULL;
    u->conn = c;
    u->timer.fire = on_stalled;
    sio_buf_init(&u->bytes, SIZE_MAX);
    return u;
}

static void
unsent_free(sio_conn *c)
{
    if (c->unsent == NULL)
        return;
    sio_timer_cancel(&c->env->timers, &c->unsent->timer);
    sio_buf_fini(&c->unsent->bytes);
    free(c->unsent);
    c->unsent = NULL;
}

/* Wait until the socket takes more. */
static void
await_socket(sio_conn *c)
{
    sio_timer_set(&c->env->timers, &c->unsent->timer, c->env->cfg->send_timeout_ms);
    lws_callback_on_writable(c->wsi);
}

static void
keep(sio_conn *c, sio_view bytes)
{
    if (c->unsent != NULL) {
        sio_buf_add_view(&c->unsent->bytes, bytes);
    } else if ((c->unsent = unsent_new(c)) != NULL) {
        sio_buf_add_view(&c->unsent->bytes, bytes);
        await_socket(c);
    }
    if (c->unsent == NULL || c->unsent->bytes.failed)
        sio_conn_fail(c);
}

/* True when all of it has left. */
static bool
send_unsent(sio_conn *c)
{
    sio_conn_unsent *u = c->unsent;

    u->n_sent += send_some(c, (sio_view){u->bytes.data + u->n_sent, u->bytes.len - u->n_sent});
    if (u->n_sent < u->bytes.len) {
        await_socket(c);
        return false;
    }
    unsent_free(c);
    return true;
}

void
sio_conn_write(sio_conn *c, sio_view bytes)
{
    size_t n = 0;

    if (c->broken || bytes.len == 0)
        return;
    if (c->unsent == NULL)
        n = send_some(c, bytes);
    if (n < bytes.len && !c->broken)
        keep(c, (sio_view){bytes.data + n, bytes.len - n});
}

bool
sio_conn_blocked(const sio_conn *c)
{
    return c->unsent != NULL && !c->broken;
}

/* --- Life. --- */

static void
on_conn_timer(sio_timer *timer)
{
    sio_conn *c = SIO_CONTAINER(timer, sio_conn, timer);

    if (c->state == SIO_CONN_OPEN)
        c->handler->timeout(c);
    else
        sio_conn_abort(c);
}

/* FIN, then wait for that of the peer, unless it is here already. */
static void
linger(sio_conn *c)
{
    if (c->peer_done || shutdown(c->fd, SHUT_WR) != 0) {
        kill_now(c);
        return;
    }
    c->state = SIO_CONN_LINGERING;
    sio_conn_pause(c, false);
    sio_timer_set(&c->env->timers, &c->timer, LINGER_MS);
}

/* Nothing of this connection is on the stack here, and all that was written is out or kept. */
static void
close_at_turn_end(sio_task *task)
{
    sio_conn *c = SIO_CONTAINER(task, sio_conn, close_task);

    if (c->broken)
        kill_now(c);
    else if (c->state == SIO_CONN_CLOSING && c->unsent == NULL)
        linger(c);
}

sio_conn *
sio_conn_adopt(sio_env *env, int fd, const sio_address *peer, bool is_admitted)
{
    sio_conn *c = calloc(1, sizeof *c);

    if (c == NULL) {
        close(fd);
        return NULL;
    }
    c->env = env;
    c->fd = fd;
    c->peer = *peer;
    c->admitted = is_admitted;
    c->timer.fire = on_conn_timer;
    sio_task_init(&c->close_task, close_at_turn_end);
    sio_link_init(&c->link);
    if ((c->wsi = watch(c)) == NULL) {
        close(fd);
        free(c);
        return NULL;
    }
    sio_link_append(&env->net->conns, &c->link);
    sio_drain_hold(&env->drain);
    return c;
}

void
sio_conn_fail(sio_conn *c)
{
    c->broken = true;
    sio_deferred_add(&c->env->deferred, &c->close_task);
}

bool
sio_conn_peer_has_left(const sio_conn *c)
{
    char          byte;
    const ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return c->broken || n == 0 || (n < 0 && !is_transient(errno));
}

void
sio_conn_set_timeout(sio_conn *c, unsigned delay_ms)
{
    if (delay_ms == 0)
        sio_timer_cancel(&c->env->timers, &c->timer);
    else
        sio_timer_set(&c->env->timers, &c->timer, delay_ms);
}

void
sio_conn_pause(sio_conn *c, bool paused)
{
    lws_rx_flow_control(c->wsi, paused ? 0 : 1);
}

void
sio_conn_close(sio_conn *c)
{
    if (c->state != SIO_CONN_OPEN)
        return;
    c->state = SIO_CONN_CLOSING;
    c->handler = NULL;
    sio_timer_cancel(&c->env->timers, &c->timer);
    sio_deferred_add(&c->env->deferred, &c->close_task);
}

void
sio_conn_abort(sio_conn *c)
{
    c->state = SIO_CONN_CLOSING;
    c->handler = NULL;
    sio_conn_fail(c);
}

/* --- What the socket says. --- */

static void
conn_tell_closed(sio_conn *c)
{
    const sio_conn_handler *handler = c->handler;

    c->handler = NULL;
    if (handler != NULL)
        handler->closed(c, c->broken ? "socket error" : "socket end");
}

/* FIN: whoever speaks here learns it at once, but the peer may still read what was written. */
static bool
outlives_input(sio_conn *c)
{
    if (c->unsent == NULL || c->broken)
        return false;
    c->peer_done = true;
    c->state = SIO_CONN_CLOSING;
    sio_timer_cancel(&c->env->timers, &c->timer);
    sio_conn_pause(c, true); /* the end of input would be news for ever */
    conn_tell_closed(c);
    return true;
}

/* Returns false when the connection is over. */
static bool
on_conn_readable(sio_conn *c)
{
    char         *bytes = c->env->net->input;
    const ssize_t n = recv(c->fd, bytes, SIO_CONN_READ_BYTES, 0);

    if (n == 0)
        return outlives_input(c);
    if (n < 0 && !is_transient(errno)) {
        c->broken = true;
        return false;
    }
    if (n > 0 && c->state == SIO_CONN_OPEN && !c->broken)
        c->handler->readable(c, bytes, (size_t)n);
    return true;
}

static void
on_conn_writable(sio_conn *c)
{
    if (c->broken || c->unsent == NULL || !send_unsent(c))
        return;
    if (c->state == SIO_CONN_CLOSING)
        sio_deferred_add(&c->env->deferred, &c->close_task);
    else if (c->state == SIO_CONN_OPEN)
        c->handler->writable(c);
}

static void
on_gone(sio_conn *c)
{
    sio_env *env = c->env;

    sio_timer_cancel(&env->timers, &c->timer);
    sio_task_cancel(&c->close_task);
    unsent_free(c);
    sio_link_remove(&c->link);
    if (c->admitted)
        sio_admission_leave(env, &c->peer);
    else
        env->net->n_dismissed--;
    sio_memory_trim_ended(env);
    sio_drain_release(&env->drain);
    conn_tell_closed(c);
    free(c);
}

static int
lws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    sio_conn *c = lws_get_opaque_user_data(wsi);

    (void)user;
    (void)in;
    (void)len;
    switch (reason) {
    case LWS_CALLBACK_RAW_RX_FILE:
        return on_conn_readable(c) ? 0 : -1;
    case LWS_CALLBACK_RAW_WRITEABLE_FILE:
        on_conn_writable(c);
        break;
    case LWS_CALLBACK_RAW_CLOSE_FILE:
        if (c != NULL)
            on_gone(c);
        lws_set_opaque_user_data(wsi, NULL);
        break;
    default:
        break;
    }
    return 0;
}

const struct lws_protocols sio_conn_protocols[] = {
    {.name = "siobroker", .callback = lws_callback},
    LWS_PROTOCOL_LIST_TERM,
};
