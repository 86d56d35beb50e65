#include "server/backends/plain_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol/result.h"
#include "store/clock.h"

enum { INPUT_BYTES = 16384, WHY_BYTES = 256 };

typedef union {
    struct sockaddr     any;
    struct sockaddr_in  v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un  path;
} address;

/* --- Sending and hearing. --- */

static void
skip_sent(sio_plain_link *link, size_t n)
{
    for (size_t i = 0; i < 2; i++) {
        sio_view    *v = &link->rest[i];
        const size_t part = n < v->len ? n : v->len;

        v->data += part;
        v->len -= part;
        n -= part;
    }
}

/* Who does not listen may have said why: then that is heard, and else that it was closed. */
static void
forget_rest(sio_plain_link *link)
{
    link->rest[0] = link->rest[1] = SIO_VIEW("");
}

static void
send_rest(sio_plain_link *link)
{
    struct iovec  parts[2];
    struct msghdr message = {.msg_iov = parts};
    ssize_t       n;

    for (size_t i = 0; i < 2; i++)
        if (link->rest[i].len > 0) { /* sendmsg() only reads, but has no type to say so */
            memcpy(&parts[message.msg_iovlen].iov_base, &link->rest[i].data, sizeof(char *));
            parts[message.msg_iovlen++].iov_len = link->rest[i].len;
        }
    n = sendmsg(link->fd, &message, MSG_NOSIGNAL);
    if (n > 0)
        skip_sent(link, (size_t)n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        forget_rest(link);
    if (!sio_plain_link_has_sent(link))
        (void)event_add(link->writable, NULL);
}

bool
sio_plain_link_has_sent(const sio_plain_link *link)
{
    return link->rest[0].len + link->rest[1].len == 0;
}

void
sio_plain_link_send(sio_plain_link *link, sio_view head, sio_view body)
{
    link->rest[0] = head;
    link->rest[1] = body;
    send_rest(link);
}

static void
on_link_readable(evutil_socket_t fd, short what, void *arg)
{
    sio_plain_link *link = arg;
    char            in[INPUT_BYTES];
    const ssize_t   n = recv(fd, in, sizeof in, 0);

    (void)what;
    sio_deferred_note_turn(link->deferred);
    if (n > 0)
        link->ops->heard(link, in, (size_t)n);
    else if (n == 0)
        link->ops->failed(link, "the connection was closed");
    else if (errno != EAGAIN && errno != EINTR)
        link->ops->failed(link, strerror(errno));
}

/* --- Connecting: one address after the other. --- */

static void
close_socket(sio_plain_link *link)
{
    if (link->readable != NULL)
        event_free(link->readable);
    if (link->writable != NULL)
        event_free(link->writable);
    if (link->fd >= 0)
        close(link->fd);
    link->readable = link->writable = NULL;
    link->fd = -1;
}

/* 0, or why it is not connected. */
static int
end_connecting(sio_plain_link *link)
{
    int       error = 0;
    socklen_t len = sizeof error;

    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return errno;
    if (error == 0 && event_add(link->readable, NULL) != 0)
        return ENOMEM;
    return error;
}

static bool connect_to_next(sio_plain_link *link, int error, char *why);

static void
on_link_writable(evutil_socket_t fd, short what, void *arg)
{
    sio_plain_link *link = arg;
    char            why[WHY_BYTES];

    (void)fd, (void)what;
    sio_deferred_note_turn(link->deferred);
    if (link->is_open) {
        send_rest(link);
        return;
    }
    const int error = end_connecting(link);

    link->is_open = error == 0;
    if (link->is_open)
        link->ops->opened(link);
    else if (!connect_to_next(link, error, why))
        link->ops->failed(link, why);
}

static socklen_t
read_address(const char *text, unsigned port, address *a)
{
    if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
        a->v4.sin_family = AF_INET;
        a->v4.sin_port = htons((uint16_t)port);
        return sizeof a->v4;
    }
    if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1) {
        a->v6.sin6_family = AF_INET6;
        a->v6.sin6_port = htons((uint16_t)port);
        return sizeof a->v6;
    }
    return 0; /* one with a zone, which is nobody's public address */
}

static socklen_t
address_of(const sio_plain_link *link, const char *text, address *a)
{
    *a = (address){.any.sa_family = AF_UNSPEC};
    if (link->port != 0)
        return read_address(text, link->port, a);
    a->path.sun_family = AF_UNIX;
    memcpy(a->path.sun_path, link->to, strlen(link->to) + 1); /* as endpoint_url.h bounds it */
    return sizeof a->path;
}

/* The end comes as an event, even if it is there at once. 0, or the error. */
static int
connect_socket(sio_plain_link *link, const address *a, socklen_t len)
{
    const int on = 1;

    link->fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->fd < 0)
        return errno;
    if (link->port != 0)
        (void)setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(link->fd, &a->any, len) != 0 && errno != EINPROGRESS)
        return errno;
    link->readable = event_new(link->base, link->fd, EV_READ | EV_PERSIST, on_link_readable, link);
    link->writable = event_new(link->base, link->fd, EV_WRITE, on_link_writable, link);
    if (link->readable == NULL || link->writable == NULL || event_add(link->writable, NULL) != 0)
        return ENOMEM;
    return 0;
}

/* error: of the address before. False: there is none left, and why says how the last one failed. */
static bool
connect_to_next(sio_plain_link *link, int error, char *why)
{
    while (link->next_address < link->addresses.n) {
        address         a;
        const socklen_t len = address_of(link, link->addresses.text[link->next_address++], &a);

        close_socket(link);
        error = len > 0 ? connect_socket(link, &a, len) : EAFNOSUPPORT;
        if (error == 0)
            return true;
    }
    close_socket(link);
    snprintf(why, WHY_BYTES, "can not connect: %s", strerror(error));
    return false;
}

static void
on_address_found(void *arg, const sio_addresses *found, const char *error)
{
    sio_plain_link *link = arg;
    char            why[WHY_BYTES];

    link->resolve = NULL;
    link->addresses = *found;
    if (found->n > 0)
        sio_address_cache_put(link->known, link->host, sio_now_ms(), found);
    else
        snprintf(why, sizeof why, "can not find the address: %s", error);
    if (found->n == 0 || !connect_to_next(link, 0, why))
        link->ops->failed(link, why);
}

/* A path and an address need not be looked up. */
static bool
needs_no_search(sio_plain_link *link)
{
    address a = {.any.sa_family = AF_UNSPEC};

    if (link->port != 0 && read_address(link->host, link->port, &a) == 0)
        return false;
    link->addresses.n = 1;
    if (link->port != 0)
        snprintf(link->addresses.text[0], sizeof link->addresses.text[0], "%s", link->host);
    return true;
}

bool
sio_plain_link_connect(sio_plain_link *link, char *why, size_t size)
{
    char text[WHY_BYTES] = "can not look its name up";
    bool ok;

    if (needs_no_search(link) ||
        sio_address_cache_find(link->known, link->host, sio_now_ms(), &link->addresses))
        ok = connect_to_next(link, 0, text);
    else
        ok = sio_resolve_start(&link->resolve, link->base, link->host, on_address_found, link) ==
             SIO_OK;
    if (!ok)
        snprintf(why, size, "%s", text);
    return ok;
}

/* --- Life. --- */

static sio_view
place_of(const sio_endpoint_url *url)
{
    return url->socket.len > 0 ? url->socket : url->authority;
}

bool
sio_plain_link_leads_to(const sio_plain_link *link, const sio_endpoint_url *url)
{
    return sio_view_eq(sio_view_of(link->to), place_of(url));
}

sio_plain_link *
sio_plain_link_new(const sio_plain_link_ops *ops, struct event_base *base, sio_deferred *deferred,
                   sio_address_cache *known, const sio_endpoint_url *url)
{
    sio_plain_link *link = calloc(1, sizeof *link);
    const sio_view  to = place_of(url);

    if (link == NULL)
        return NULL;
    sio_link_init(&link->in_idle);
    link->ops = ops;
    link->base = base;
    link->deferred = deferred;
    link->known = known;
    link->fd = -1;
    link->port = url->port;
    link->to = strndup(to.data, to.len);
    link->host = url->host.len > 0 ? strndup(url->host.data, url->host.len) : strdup("");
    if (link->to != NULL && link->host != NULL)
        return link;
    sio_plain_link_free(link);
    return NULL;
}

void
sio_plain_link_free(sio_plain_link *link)
{
    if (link == NULL)
        return;
    sio_link_remove(&link->in_idle);
    sio_resolve_cancel(link->resolve);
    if (!link->is_open && link->host != NULL) /* the next one looks again */
        sio_address_cache_forget(link->known, link->host);
    close_socket(link);
    free(link->to);
    free(link->host);
    free(link);
}
