#include "server/cli/stream.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol/result.h"
#include "store/clock.h"

enum { LEAST_READ = 4096, MOST_READ = 65536 };

void
sio_stream_allow(sio_stream *s, unsigned patience_ms)
{
    s->deadline_ms = patience_ms == SIO_STREAM_FOR_EVER ? 0 : sio_now_ms() + patience_ms;
}

void
sio_stream_close(sio_stream *s)
{
    SSL_free(s->ssl);
    s->ssl = NULL;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

/* As poll(2) wants to know it. */
static int
time_left(const sio_stream *s)
{
    const uint64_t now_ms = sio_now_ms();

    if (s->deadline_ms == SIO_STREAM_FOR_EVER)
        return -1;
    if (s->deadline_ms <= now_ms)
        return 0;
    return s->deadline_ms - now_ms < INT_MAX ? (int)(s->deadline_ms - now_ms) : INT_MAX;
}

/* SIO_OK when it can be read or written; otherwise SIO_ERR_SYS and errno. */
static int
wait_for(const sio_stream *s, short events)
{
    struct pollfd p = {.fd = s->fd, .events = events};
    int           n;

    while ((n = poll(&p, 1, time_left(s))) < 0 && errno == EINTR)
        ;
    if (n == 0)
        errno = ETIMEDOUT;
    return n > 0 ? SIO_OK : SIO_ERR_SYS;
}

static int
say_errno(sio_buf *error)
{
    sio_buf_add_str(error, strerror(errno));
    return SIO_ERR_SYS;
}

/* --- Connecting. --- */

/* SIO_OK, or SIO_ERR_SYS with errno and the stream is closed. */
static int
connect_to(sio_stream *s, const struct sockaddr *sa, socklen_t len)
{
    int       why = 0;
    socklen_t why_len = sizeof why;

    s->fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        return SIO_ERR_SYS;
    if (connect(s->fd, sa, len) == 0)
        return SIO_OK;
    if (errno == EINPROGRESS && wait_for(s, POLLOUT) == SIO_OK) {
        if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &why, &why_len) == 0 && why == 0)
            return SIO_OK;
        errno = why;
    }
    why = errno;
    sio_stream_close(s);
    errno = why;
    return SIO_ERR_SYS;
}

static int
open_unix(sio_stream *s, sio_view path, sio_buf *error)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};

    memcpy(sa.sun_path, path.data, path.len); /* at most SIO_LISTEN_PATH_MAX: its NUL has room */
    if (connect_to(s, (const struct sockaddr *)&sa, sizeof sa) == SIO_OK)
        return SIO_OK;
    return say_errno(error);
}

static int
open_any(sio_stream *s, const struct addrinfo *list, sio_buf *error)
{
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
        if (connect_to(s, ai->ai_addr, ai->ai_addrlen) == SIO_OK)
            return SIO_OK;
    return say_errno(error);
}

static int
open_tcp(sio_stream *s, const sio_listen_address *at, sio_buf *error)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo      *list = NULL;
    char                  host[SIO_LISTEN_HOST_MAX + 1], port[12];
    int                   rc;

    snprintf(host, sizeof host, "%.*s", (int)at->host.len, at->host.len > 0 ? at->host.data : "");
    snprintf(port, sizeof port, "%u", at->port);
    if ((rc = getaddrinfo(host[0] != '\0' ? host : NULL, port, &hints, &list)) != 0) {
        sio_buf_add_str(error, gai_strerror(rc));
        return SIO_ERR_SYS;
    }
    rc = open_any(s, list, error);
    freeaddrinfo(list);
    return rc;
}

int
sio_stream_open(sio_stream *s, const sio_listen_address *at, unsigned patience_ms, sio_buf *error)
{
    s->fd = -1;
    s->ssl = NULL;
    s->is_patient = true;
    sio_stream_allow(s, patience_ms);
    return at->is_unix ? open_unix(s, at->host, error) : open_tcp(s, at, error);
}

/* --- TLS. --- */

/*
 * OpenSSL has not done what it was asked for: SIO_OK when it should be asked again, SIO_PARTIAL when
 * the stream is not patient, SIO_ERR_NOT_FOUND at its end, SIO_ERR_SYS and error says why.
 */
static int
await_tls(sio_stream *s, int rc, bool waits, sio_buf *error)
{
    const int why = SSL_get_error(s->ssl, rc);

    if (why == SSL_ERROR_ZERO_RETURN)
        return SIO_ERR_NOT_FOUND;
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
        sio_tls_client_explain(s->ssl, error);
        return SIO_ERR_SYS;
    }
    if (!waits)
        return SIO_PARTIAL;
    return wait_for(s, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT) == SIO_OK ? SIO_OK
                                                                                : say_errno(error);
}

int
sio_stream_secure(sio_stream *s, const sio_tls_client *tls, sio_view host, sio_buf *error)
{
    int done, rc = SIO_OK;

    if ((s->ssl = sio_tls_client_new(tls, s->fd, host)) == NULL) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_SYS;
    }
    ERR_clear_error();
    while (rc == SIO_OK && (done = SSL_do_handshake(s->ssl)) != 1)
        rc = await_tls(s, done, true, error);
    if (rc != SIO_ERR_NOT_FOUND)
        return rc;
    sio_buf_add_str(error, "no TLS: the connection was closed");
    return SIO_ERR_SYS;
}

static int
write_tls(sio_stream *s, sio_view bytes, sio_buf *error)
{
    int    done, rc = SIO_OK;
    size_t n = 0;

    ERR_clear_error();
    while (rc == SIO_OK && bytes.len > 0)
        if ((done = SSL_write_ex(s->ssl, bytes.data, bytes.len, &n)) == 1)
            bytes = (sio_view){bytes.data + n, bytes.len - n};
        else
            rc = await_tls(s, done, true, error);
    if (rc == SIO_ERR_NOT_FOUND)
        sio_buf_add_str(error, strerror(EPIPE));
    return rc == SIO_ERR_NOT_FOUND ? SIO_ERR_SYS : rc;
}

static int
read_tls(sio_stream *s, sio_buf *in, size_t room, sio_buf *error)
{
    int    done, rc = SIO_OK;
    size_t n = 0;

    ERR_clear_error();
    while (rc == SIO_OK && (done = SSL_read_ex(s->ssl, in->data + in->len, room, &n)) != 1)
        rc = await_tls(s, done, s->is_patient, error);
    in->len += rc == SIO_OK ? n : 0;
    return rc;
}

/* --- Bytes. --- */

int
sio_stream_write(sio_stream *s, sio_view bytes, sio_buf *error)
{
    if (s->ssl != NULL)
        return write_tls(s, bytes, error);
    while (bytes.len > 0) {
        const ssize_t n = send(s->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

        if (n >= 0)
            bytes = (sio_view){bytes.data + n, bytes.len - (size_t)n};
        else if (errno != EINTR && (errno != EAGAIN || wait_for(s, POLLOUT) != SIO_OK))
            return say_errno(error);
    }
    return SIO_OK;
}

/* A buffer that is asked for more grows, so it becomes large only for who has much to read. */
static size_t
room_for_reading(const sio_buf *in)
{
    const size_t there = in->cap - in->len, allowed = in->max - in->len;
    const size_t wanted = there < LEAST_READ ? LEAST_READ : there;
    const size_t room = wanted < MOST_READ ? wanted : MOST_READ;

    return room < allowed ? room : allowed;
}

int
sio_stream_read(sio_stream *s, sio_buf *in, sio_buf *error)
{
    const size_t room = room_for_reading(in);
    ssize_t      n;

    if (room == 0 || !sio_buf_reserve(in, room))
        return SIO_TOO_LARGE;
    if (s->ssl != NULL)
        return read_tls(s, in, room, error);
    do {
        if (s->is_patient && wait_for(s, POLLIN) != SIO_OK)
            return say_errno(error);
        n = recv(s->fd, in->data + in->len, room, 0);
    } while (n < 0 && (errno == EINTR || (errno == EAGAIN && s->is_patient)));
    if (n < 0)
        return errno == EAGAIN ? SIO_PARTIAL : say_errno(error);
    in->len += (size_t)n;
    return n > 0 ? SIO_OK : SIO_ERR_NOT_FOUND;
}
