#include "server/net/plain_socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "server/net/conn.h"

static bool
is_transient(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

ptrdiff_t
sio_plain_socket_read(sio_conn *c, char *bytes, size_t n)
{
    const ssize_t n_read = recv(c->fd, bytes, n, 0);

    if (n_read >= 0)
        return n_read;
    return is_transient(errno) ? SIO_PARTIAL : SIO_ERR_SYS;
}

ptrdiff_t
sio_plain_socket_write(sio_conn *c, sio_view bytes)
{
    const ssize_t n = send(c->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

    if (n >= 0)
        return n;
    return is_transient(errno) ? 0 : SIO_ERR_SYS;
}

bool
sio_plain_socket_end_output(sio_conn *c)
{
    return shutdown(c->fd, SHUT_WR) == 0;
}

bool
sio_plain_socket_peer_has_left(const sio_conn *c)
{
    struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};

    return poll(&p, 1, 0) > 0;
}

bool
sio_plain_socket_has_unread(const sio_conn *c)
{
    int n_bytes = 0; /* asked so, as a look at the bytes would take away an error of the socket */

    return ioctl(c->fd, FIONREAD, &n_bytes) == 0 && n_bytes > 0;
}
