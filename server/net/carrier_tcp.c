/* Plain TCP: one event of libevent for each connection. */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <unistd.h>

#include "server/base/env.h"
#include "server/net/carrier.h"
#include "server/net/conn.h"
#include "server/net/plain_socket.h"

typedef struct {
    sio_conn     conn;
    struct event event;
} tcp_conn;

static tcp_conn *
tcp_of(sio_conn *c)
{
    return SIO_CONTAINER(c, tcp_conn, conn);
}

static void
on_tcp_event(evutil_socket_t fd, short what, void *arg)
{
    sio_conn *c = arg;

    (void)fd;
    if ((what & (EV_READ | EV_CLOSED)) != 0)
        (c->wants & SIO_CARRIER_READ) != 0 ? sio_conn_on_readable(c) : sio_conn_on_end(c);
    if ((what & EV_WRITE) != 0)
        sio_conn_on_writable(c);
}

/*
 * Of an end libevent tells as EV_CLOSED, but of a reset as EV_READ. What is not read meanwhile
 * would be news for ever, so only what is new is told.
 */
static short
tcp_events(unsigned wants)
{
    short events = EV_PERSIST;

    if ((wants & SIO_CARRIER_READ) != 0)
        events |= EV_READ;
    if ((wants & SIO_CARRIER_WRITE) != 0)
        events |= EV_WRITE;
    if ((wants & SIO_CARRIER_END) != 0)
        events |= EV_READ | EV_CLOSED | EV_ET;
    return events;
}

/* SIO_OK or SIO_ERR_NOMEM. */
static int
tcp_add_event(tcp_conn *t)
{
    const unsigned wants = t->conn.wants;

    if (event_assign(&t->event, t->conn.env->base, t->conn.fd, tcp_events(wants), on_tcp_event,
                     &t->conn) != 0)
        return SIO_ERR_NOMEM;
    return wants == 0 || event_add(&t->event, NULL) == 0 ? SIO_OK : SIO_ERR_NOMEM;
}

static int
tcp_attach(sio_conn *c)
{
    return tcp_add_event(tcp_of(c));
}

static void
tcp_watch(sio_conn *c)
{
    tcp_conn *t = tcp_of(c);

    event_del(&t->event);
    if (tcp_add_event(t) != SIO_OK)
        sio_conn_fail(c);
}

static void
tcp_detach(sio_conn *c)
{
    event_del(&tcp_of(c)->event);
    close(c->fd);
}

const sio_carrier sio_carrier_tcp = {
    .name = "tcp",
    .conn_size = sizeof(tcp_conn),
    .attach = tcp_attach,
    .detach = tcp_detach,
    .read = sio_plain_socket_read,
    .write = sio_plain_socket_write,
    .watch = tcp_watch,
    .end_output = sio_plain_socket_end_output,
    .peer_has_left = sio_plain_socket_peer_has_left,
    .has_unread = sio_plain_socket_has_unread,
};
