#include "server/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/server.h"

enum { LINGER_MS = 2000 };

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
kill_now(sio_conn *c)
{
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

/* Nothing of this connection is on the stack here, and all that was written is out or buffered. */
static void
close_at_turn_end(sio_task *task)
{
    sio_conn *c = SIO_CONTAINER(task, sio_conn, close_task);

    if (c->broken) {
        kill_now(c);
        return;
    }
    if (c->state != SIO_CONN_CLOSING || sio_conn_blocked(c))
        return;
    c->state = SIO_CONN_LINGERING;
    sio_conn_pause(c, false);
    if (shutdown(lws_get_socket_fd(c->wsi), SHUT_WR) != 0)
        kill_now(c);
    else
        sio_timer_set(&c->server->wheel, &c->timer, LINGER_MS);
}

sio_conn *
sio_conn_adopt(sio_server *s, int fd, const sio_address *peer)
{
    sio_conn        *c = calloc(1, sizeof *c);
    lws_adopt_desc_t desc = {
        .vh = s->vhost,
        .type = LWS_ADOPT_SOCKET,
        .fd.sockfd = fd,
        .vh_prot_name = sio_conn_protocols[0].name,
        .opaque = c,
    };

    if (c == NULL) {
        close(fd);
        return NULL;
    }
    c->server = s;
    c->peer = *peer;
    c->timer.fire = on_timer;
    sio_task_init(&c->close_task, close_at_turn_end);
    sio_link_init(&c->link);
    c->wsi = lws_adopt_descriptor_vhost_via_info(&desc); /* closes fd when it fails */
    if (c->wsi == NULL) {
        free(c);
        return NULL;
    }
    sio_link_append(&s->conns, &c->link);
    s->stats.connections++;
    return c;
}

void
sio_conn_fail(sio_conn *c)
{
    c->broken = true;
    sio_turn_defer(&c->server->turn, &c->close_task);
}

void
sio_conn_write(sio_conn *c, sio_view bytes)
{
    if (c->broken || bytes.len == 0)
        return;
    /* lws_write() takes a non-const pointer, but leaves raw bytes as they are. */
    if (lws_write(c->wsi, (unsigned char *)(uintptr_t)bytes.data, bytes.len, LWS_WRITE_RAW) < 0)
        sio_conn_fail(c);
}

bool
sio_conn_blocked(sio_conn *c)
{
    if (c->broken || !lws_partial_buffered(c->wsi))
        return false;
    if (!c->waiting) {
        c->waiting = true;
        lws_callback_on_writable(c->wsi);
    }
    return true;
}

bool
sio_conn_peer_has_left(sio_conn *c)
{
    char          byte;
    const ssize_t n = recv(lws_get_socket_fd(c->wsi), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return c->broken || n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

void
sio_conn_set_timeout(sio_conn *c, unsigned delay_ms)
{
    if (delay_ms == 0)
        sio_timer_cancel(&c->server->wheel, &c->timer);
    else
        sio_timer_set(&c->server->wheel, &c->timer, delay_ms);
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
    sio_timer_set(&c->server->wheel, &c->timer, LINGER_MS);
    sio_turn_defer(&c->server->turn, &c->close_task);
}

void
sio_conn_abort(sio_conn *c)
{
    c->state = SIO_CONN_CLOSING;
    c->handler = NULL;
    c->broken = true;
    sio_turn_defer(&c->server->turn, &c->close_task);
}

static void
readable(sio_conn *c, char *bytes, size_t n)
{
    if (c->state == SIO_CONN_OPEN && !c->broken)
        c->handler->readable(c, bytes, n);
}

static void
writable(sio_conn *c)
{
    c->waiting = false;
    if (c->state == SIO_CONN_CLOSING)
        sio_turn_defer(&c->server->turn, &c->close_task);
    else if (c->state == SIO_CONN_OPEN && !sio_conn_blocked(c))
        c->handler->writable(c);
}

/* socket_errno is 0 after FIN and a reason after a reset or a failed write. */
static void
gone(sio_conn *c, int socket_errno)
{
    sio_server *s = c->server;

    sio_timer_cancel(&s->wheel, &c->timer);
    sio_task_cancel(&c->close_task);
    sio_link_remove(&c->link);
    s->stats.connections--;
    sio_trim_ended(s);
    sio_intake_closed(s, &c->peer);
    sio_server_check_drained(s);
    if (c->handler != NULL)
        c->handler->closed(c, c->broken || socket_errno != 0 ? "socket error" : "socket end");
    free(c);
}

static int
lws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    const int socket_errno = errno; /* libwebsockets clears it before each read */
    sio_conn *c = lws_get_opaque_user_data(wsi);

    (void)user;
    switch (reason) {
    case LWS_CALLBACK_RAW_RX:
        readable(c, in, len);
        break;
    case LWS_CALLBACK_RAW_WRITEABLE:
        writable(c);
        break;
    case LWS_CALLBACK_RAW_CLOSE:
        if (c != NULL)
            gone(c, socket_errno);
        lws_set_opaque_user_data(wsi, NULL);
        break;
    default:
        break;
    }
    return 0;
}

/* rx_buffer_size 0: no buffer per connection, input is read into the one of the service thread. */
const struct lws_protocols sio_conn_protocols[] = {
    {.name = "siobroker", .callback = lws_callback, .tx_packet_size = 1U << 20},
    LWS_PROTOCOL_LIST_TERM,
};
