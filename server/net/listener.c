#include "server/net/listener.h"

#include <errno.h>
#include <event2/util.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/net/kept.h"
#include "server/net/net.h"

enum {
    BACKLOG = 4096,  /* the kernel cuts it to net.core.somaxconn */
    RESUME_MS = 200, /* after "too many open files" */
    MAX_CHOICES = 8  /* of a port, when it may be any */
};

/* --- Accepting. --- */

/* While it is paused or rests, or this turn has accepted its share, nobody is let in. */
static void
adjust_sockets(sio_listener *l)
{
    const bool is_shut =
        l->is_paused || l->rests || l->n_accepted >= SIO_LISTENER_ACCEPTS_OF_A_TURN;

    for (unsigned i = 0; i < l->n_sockets; i++)
        if (is_shut)
            evconnlistener_disable(l->sockets[i]);
        else
            evconnlistener_enable(l->sockets[i]);
}

static void
on_accept(struct evconnlistener *socket, evutil_socket_t fd, struct sockaddr *sa, int len,
          void *arg)
{
    sio_listener     *l = arg;
    const sio_address peer = sio_address_of(sa);

    (void)socket;
    (void)len;
    l->accepted(l, fd, &peer);
    sio_deferred_add(&l->env->deferred, &l->turn_over);
    if (++l->n_accepted == SIO_LISTENER_ACCEPTS_OF_A_TURN)
        adjust_sockets(l);
}

static void
on_turn_over(sio_task *task)
{
    sio_listener *l = SIO_CONTAINER(task, sio_listener, turn_over);
    const bool    was_shut = l->n_accepted >= SIO_LISTENER_ACCEPTS_OF_A_TURN;

    l->n_accepted = 0;
    if (was_shut)
        adjust_sockets(l);
}

void
sio_listener_pause(sio_listener *l, bool paused)
{
    l->is_paused = paused;
    adjust_sockets(l);
}

static void
on_rested(sio_timer *timer)
{
    sio_listener *l = SIO_CONTAINER(timer, sio_listener, rest_timer);

    l->rests = false;
    adjust_sockets(l);
}

void
sio_listener_rest(sio_listener *l, unsigned ms)
{
    l->rests = true;
    adjust_sockets(l);
    sio_timer_set(&l->env->timers, &l->rest_timer, ms);
}

/* The queue of the kernel keeps the clients; trying again at once would only burn the processor. */
static void
on_accept_error(struct evconnlistener *socket, void *arg)
{
    sio_listener *l = arg;
    const int     error = errno;

    (void)socket;
    l->env->stats.accept_errors++;
    sio_log_limit_write(&l->env->log_limits, SIO_LOG_ACCEPT_ERROR, NULL,
                        "can not accept connections: %s%s", strerror(error),
                        error == EMFILE ? " (raise the limit: ulimit -n)" : "");
    if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM)
        return;
    l->env->starved_ms = sio_timer_wheel_now_ms(&l->env->timers);
    sio_listener_rest(l, RESUME_MS);
}

/* --- Opening. --- */

/* A socket that listens on sa. Returns -1 with errno set. */
static int
open_socket(const struct sockaddr *sa, socklen_t len, bool dual_stack, bool shares_port)
{
    const int on = 1, v6_only = !dual_stack;
    int       fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int       error;

    if (fd < 0)
        return -1;
    /* Connections inherit TCP_NODELAY from the listening socket: one system call less for each. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        (!shares_port || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
        (sa->sa_family != AF_INET6 ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only) == 0) &&
        bind(fd, sa, len) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Accept what comes on a bound socket, which is taken. SIO_OK or SIO_ERR_SYS. */
static int
add_bound(sio_listener *l, int fd)
{
    const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;

    l->sockets[l->n_sockets] = evconnlistener_new(l->env->base, on_accept, l, flags, BACKLOG, fd);
    if (l->sockets[l->n_sockets] == NULL) {
        close(fd);
        return SIO_ERR_SYS;
    }
    evconnlistener_set_error_cb(l->sockets[l->n_sockets++], on_accept_error);
    return SIO_OK;
}

static int
add_socket(sio_listener *l, const struct sockaddr *sa, socklen_t len, bool dual_stack)
{
    int fd;

    if (l->n_sockets == SIO_LISTENER_MAX_SOCKETS)
        return SIO_OK;
    fd = open_socket(sa, len, dual_stack, l->env->net->shares_ports);
    return fd >= 0 ? add_bound(l, fd) : SIO_ERR_SYS;
}

/* One socket for both families where the kernel has IPv6, else IPv4 alone. */
static int
listen_everywhere(sio_listener *l, uint16_t port)
{
    const struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    const struct sockaddr_in  any4 = {.sin_family = AF_INET, .sin_port = htons(port)};

    if (add_socket(l, (const struct sockaddr *)(const void *)&any6, sizeof any6, true) == SIO_OK)
        return SIO_OK;
    if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL && errno != ENOPROTOOPT)
        return SIO_ERR_SYS;
    return add_socket(l, (const struct sockaddr *)(const void *)&any4, sizeof any4, false);
}

int
sio_listener_bound(const sio_listener *l, struct sockaddr_storage *ss, socklen_t *len)
{
    return getsockname(evconnlistener_get_fd(l->sockets[0]), (struct sockaddr *)ss, len);
}

static unsigned
bound_port(const sio_listener *l)
{
    struct sockaddr_storage ss;
    socklen_t               len = sizeof ss;

    if (sio_listener_bound(l, &ss, &len) != 0)
        return 0;
    return sio_address_of((const struct sockaddr *)&ss).port;
}

static void
set_port(struct sockaddr *sa, uint16_t port)
{
    if (sa->sa_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)sa)->sin6_port = htons(port);
    else if (sa->sa_family == AF_INET)
        ((struct sockaddr_in *)(void *)sa)->sin_port = htons(port);
}

/* Each address gets its socket, all on one port. Returns SIO_ERR_SYS with errno set if none does. */
static int
listen_on_each(sio_listener *l, const struct addrinfo *list, uint16_t port)
{
    int rc = SIO_ERR_SYS;

    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
        set_port(ai->ai_addr, port == 0 && rc == SIO_OK ? (uint16_t)bound_port(l) : port);
        if (add_socket(l, ai->ai_addr, ai->ai_addrlen, false) == SIO_OK)
            rc = SIO_OK;
        else if (errno == EADDRINUSE)
            return SIO_ERR_SYS;
    }
    return rc;
}

static void
close_sockets(sio_listener *l)
{
    for (unsigned i = 0; i < l->n_sockets; i++)
        evconnlistener_free(l->sockets[i]);
    l->n_sockets = 0;
}

/*
 * A name such as localhost may have several addresses. A port that the kernel has chosen for the
 * first may be taken at the next; then it chooses again.
 */
static int
listen_on_host(sio_listener *l, const char *host, uint16_t port, const char **reason)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *list = NULL;
    int              rc;

    if ((rc = getaddrinfo(host, NULL, &hints, &list)) != 0) {
        *reason = gai_strerror(rc);
        return SIO_ERR_SYS;
    }
    rc = listen_on_each(l, list, port);
    for (unsigned i = 1; port == 0 && rc != SIO_OK && errno == EADDRINUSE && i < MAX_CHOICES; i++) {
        close_sockets(l);
        rc = listen_on_each(l, list, port);
    }
    *reason = strerror(errno);
    freeaddrinfo(list);
    return rc;
}

static int
say_why(const char *host, unsigned port, const char *reason, sio_buf *error)
{
    sio_buf_add_str(error, "can not listen on ");
    sio_buf_add_str(error, host);
    sio_buf_add_str(error, host[0] != '\0' ? " port " : "port ");
    sio_buf_add_u64(error, port);
    sio_buf_add_str(error, ": ");
    sio_buf_add_str(error, reason);
    return SIO_ERR_SYS;
}

static int
open_tcp(sio_listener *l, const char *host, unsigned port, sio_buf *error)
{
    const char *reason = NULL;
    int         rc;

    if (host[0] == '\0') {
        rc = listen_everywhere(l, (uint16_t)port);
        reason = strerror(errno);
    } else {
        rc = listen_on_host(l, host, (uint16_t)port, &reason);
    }
    if (rc == SIO_OK) {
        l->port = bound_port(l);
        return SIO_OK;
    }
    sio_listener_close(l);
    return say_why(host, port, reason, error);
}

static void
listener_init(sio_listener *l, sio_env *env, sio_accepted_fn accepted)
{
    *l = (sio_listener){.env = env, .accepted = accepted, .rest_timer.fire = on_rested};
    sio_task_init(&l->turn_over, on_turn_over);
}

/* --- Sockets that somebody else has opened. --- */

static bool
is_listening_stream(int fd)
{
    int       type = 0, listens = 0;
    socklen_t len = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens != 0;
}

/* As those of open_socket(). A unix socket has no TCP_NODELAY. */
static int
adopt_socket(sio_listener *l, int fd)
{
    const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    const int      on = 1;

    if (!is_listening_stream(fd) || evutil_make_socket_nonblocking(fd) != 0 ||
        evutil_make_socket_closeonexec(fd) != 0)
        return SIO_ERR_SYS;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    l->sockets[l->n_sockets] = evconnlistener_new(l->env->base, on_accept, l, flags, 0, fd);
    if (l->sockets[l->n_sockets] == NULL)
        return SIO_ERR_SYS;
    evconnlistener_set_error_cb(l->sockets[l->n_sockets++], on_accept_error);
    return SIO_OK;
}

int
sio_listener_adopt(sio_listener *l, sio_env *env, int fd, sio_accepted_fn accepted, sio_buf *error)
{
    listener_init(l, env, accepted);
    if (adopt_socket(l, fd) != SIO_OK) {
        sio_buf_add_str(error, "descriptor ");
        sio_buf_add_u64(error, (uint64_t)fd);
        sio_buf_add_str(error, " of LISTEN_FDS is no listening stream socket");
        return SIO_ERR_SYS;
    }
    l->port = bound_port(l);
    return SIO_OK;
}

/* --- Addresses. --- */

static int
open_unix(sio_listener *l, const char *path, sio_buf *error)
{
    const int fd = sio_unix_socket_open(&l->unix_socket, path, error);

    if (fd < 0)
        return SIO_ERR_SYS;
    if (add_bound(l, fd) == SIO_OK)
        return SIO_OK;
    sio_buf_add_str(error, "can not listen on unix:");
    sio_buf_add_str(error, path);
    sio_unix_socket_close(&l->unix_socket);
    return SIO_ERR_SYS;
}

static int
adopt_kept(sio_listener *l, const sio_kept_place *place, sio_buf *error)
{
    for (unsigned i = 0; i < place->n; i++)
        if (adopt_socket(l, place->fds[i]) != SIO_OK) {
            sio_buf_add_str(error, "a listening socket can not be used");
            return SIO_ERR_SYS;
        }
    l->port = bound_port(l);
    return SIO_OK;
}

unsigned
sio_listener_duplicate(const sio_listener *l, int fds[])
{
    unsigned n = 0;

    for (unsigned i = 0; i < l->n_sockets; i++)
        if ((fds[n] = fcntl(evconnlistener_get_fd(l->sockets[i]), F_DUPFD_CLOEXEC, 3)) >= 0)
            n++;
    return n;
}

bool
sio_listener_keep(const sio_listener *l, sio_kept *k)
{
    const sio_listen_address at = sio_kept_name_address(&l->name);
    sio_kept_place          *place;

    if (!l->has_name || l->n_sockets == 0)
        return true;
    if ((place = sio_kept_add(k, &at)) == NULL)
        return false;
    place->n = sio_listener_duplicate(l, place->fds);
    return place->n == l->n_sockets;
}

void
sio_listener_own_file(sio_listener *l, bool is_own)
{
    if (!is_own)
        l->unix_socket.path[0] = '\0';
    else if (l->has_name && l->name.is_unix && l->n_sockets > 0)
        sio_unix_socket_note(&l->unix_socket, l->name.host);
}

int
sio_listener_open_at(sio_listener *l, sio_env *env, const sio_listen_address *at,
                     sio_accepted_fn accepted, sio_buf *error)
{
    sio_kept_place kept;

    listener_init(l, env, accepted);
    l->has_name = true;
    l->name = sio_kept_name_of(at);
    if (env->net->kept != NULL && sio_kept_take(env->net->kept, at, &kept))
        return adopt_kept(l, &kept, error);
    return at->is_unix ? open_unix(l, l->name.host, error)
                       : open_tcp(l, l->name.host, at->port, error);
}

void
sio_listener_close(sio_listener *l)
{
    if (l->env != NULL) {
        sio_timer_cancel(&l->env->timers, &l->rest_timer);
        sio_task_cancel(&l->turn_over);
    }
    close_sockets(l);
    sio_unix_socket_close(&l->unix_socket);
}
