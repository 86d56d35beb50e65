/*
 * tests/bench/load/stream.c - see stream.h.
 */
#include "tests/bench/load/stream.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SCRATCH_SIZE = 256 * 1024,
    PAUSED_SIZE =
        4096, /* that the kernel keeps for a paused one: by itself it would take megabytes */
};

int
stream_loop_init(stream_loop *loop)
{
    loop->size = SCRATCH_SIZE;
    loop->scratch = malloc(loop->size);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    return loop->scratch != NULL && loop->epoll >= 0 ? 0 : -1;
}

void
stream_loop_fini(stream_loop *loop)
{
    if (loop->epoll >= 0)
        close(loop->epoll);
    free(loop->scratch);
}

/* Tell epoll when something else is to be watched for. */
static void
watch(stream *s, bool writing)
{
    const uint32_t     events = (s->paused ? 0U : EPOLLIN) | (writing ? EPOLLOUT : 0U);
    struct epoll_event event = {.events = events, .data.ptr = s};

    if (events != s->events && epoll_ctl(s->loop->epoll, EPOLL_CTL_MOD, s->fd, &event) == 0)
        s->events = events;
}

/* The port is chosen when it connects, so those in use toward other servers are free for this. */
static int
bind_to_source(const stream *s)
{
    const int                on = 1;
    const struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr = s->from};

    if (s->from.s_addr == 0)
        return 0;
    setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    return bind(s->fd, (const struct sockaddr *)&from, sizeof from);
}

int
stream_open(stream *s, stream_loop *loop, const struct sockaddr_in *to)
{
    const int          on = 1;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = s};

    s->loop = loop;
    s->paused = false;
    if ((s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0)
        return -1;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind_to_source(s) != 0 ||
        (connect(s->fd, (const struct sockaddr *)to, sizeof *to) != 0 && errno != EINPROGRESS) ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, s->fd, &event) != 0) {
        stream_close(s);
        return -1;
    }
    s->events = event.events;
    return 0;
}

void
stream_close(stream *s)
{
    const int saved = errno;

    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->generation++;
    buffer_free(&s->in);
    buffer_free(&s->out);
    errno = saved;
}

static void
fail(stream *s, const char *why)
{
    stream_close(s);
    s->on_closed(s, why);
}

void
stream_flush(stream *s)
{
    ssize_t n;

    if (s->fd < 0)
        return;
    if (s->in.failed || s->out.failed) {
        fail(s, "out of memory");
        return;
    }
    while (s->out.len > 0) {
        n = send(s->fd, s->out.data, s->out.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            fail(s, strerror(errno)); /* NOLINT(concurrency-mt-unsafe): one thread */
            return;
        }
        if (n < 0)
            break;
        buffer_drop(&s->out, (size_t)n);
    }
    watch(s, s->out.len > 0);
}

void
stream_pause(stream *s, bool paused)
{
    const int bytes = paused ? PAUSED_SIZE : SCRATCH_SIZE;

    s->paused = paused;
    if (s->fd < 0)
        return;
    setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    watch(s, s->out.len > 0);
}

/* Hand n new bytes out, from where they lie when nothing waits before them. */
static void
deliver(stream *s, size_t n)
{
    const bool     waits = s->in.len > 0;
    const uint32_t generation = s->generation;
    char          *data = s->loop->scratch;
    size_t         used;

    if (waits) {
        buffer_add(&s->in, data, n);
        data = s->in.data;
        n = s->in.len;
    }
    used = s->on_data(s, data, n);
    if (s->generation != generation)
        return;
    if (waits)
        buffer_drop(&s->in, used);
    else if (used < n)
        buffer_add(&s->in, data + used, n - used);
}

static void
receive(stream *s)
{
    const ssize_t n = recv(s->fd, s->loop->scratch, s->loop->size, 0);

    if (n > 0)
        deliver(s, (size_t)n);
    else if (n == 0)
        fail(s, "closed by the server");
    else if (errno != EAGAIN && errno != EINTR)
        fail(s, strerror(errno)); /* NOLINT(concurrency-mt-unsafe): one thread */
}

void
stream_ready(stream *s, uint32_t events)
{
    if (s->fd < 0) /* closed by another one's callback in the same turn */
        return;
    if (events & EPOLLOUT)
        stream_flush(s);
    if (s->fd >= 0 && !s->paused && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
        receive(s);
    else if (s->fd >= 0 && (events & (EPOLLERR | EPOLLHUP)))
        fail(s, "connection reset");
}
