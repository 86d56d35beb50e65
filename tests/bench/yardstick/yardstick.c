/*
 * tests/bench/yardstick/yardstick.c - the least that a server can do: what `make bench` measures
 * others by.
 *
 *     yardstick [--port PORT]
 *
 * It says "listening on port N" on stderr; see --help.
 *
 * One thread, one epoll, level-triggered. It speaks the wire format of the contract's greeting,
 * echo and room over websockets, of Socket.IO 0.9 and of Engine.IO 4, to clients that send it just
 * as the load generator does. There are no sessions, no heartbeats, no JSON; any session id will
 * do, and there is one room. A message to the room is framed once; what has gathered for a
 * connection in a turn of the loop leaves with one send(). Next to all of its time is the kernel's,
 * so a server's ratio to it is what the server does itself.
 */
#include "tests/bench/yardstick/yardstick.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    OUT_MAX = 64 << 20, /* a receiver that is further behind is dropped */
    EVENTS_PER_TURN = 512,
    MAX_PORT = 65535,
};

/* --- Bytes that wait. --- */

static void
bytes_add(bytes *b, const void *p, size_t n)
{
    size_t cap = b->cap > 0 ? b->cap : 128;

    while (cap - b->len < n)
        cap *= 2;
    if (cap > b->cap) {
        if ((b->data = realloc(b->data, cap)) == NULL)
            abort();
        b->cap = cap;
    }
    memcpy(b->data + b->len, p, n);
    b->len += n;
}

static void
bytes_drop(bytes *b, size_t n)
{
    b->len -= n;
    if (b->len > 0) {
        memmove(b->data, b->data + n, b->len);
        return;
    }
    free(b->data);
    *b = (bytes){0};
}

static void
make_dirty(server *s, conn *c)
{
    if (c->is_dirty)
        return;
    c->is_dirty = true;
    c->next_dirty = s->dirty;
    s->dirty = c;
}

/* It is freed at the end of the turn. */
void
give_up(server *s, conn *c)
{
    c->is_broken = true;
    make_dirty(s, c);
}

void
send_later(server *s, conn *c, const void *p, size_t n)
{
    if (c->out.len + n > OUT_MAX) {
        give_up(s, c);
        return;
    }
    bytes_add(&c->out, p, n);
    make_dirty(s, c);
}

void
join_room(server *s, conn *c)
{
    if (c->is_member)
        return;
    if (s->n_members == s->max_members) {
        s->max_members = s->max_members > 0 ? 2 * s->max_members : 1024;
        if ((s->members = realloc(s->members, s->max_members * sizeof(conn *))) == NULL)
            abort();
    }
    c->is_member = true;
    c->place = s->n_members;
    s->members[s->n_members++] = c;
}

/* --- Connections. --- */

static void
receive(server *s, conn *c)
{
    const ssize_t n = recv(c->fd, s->read, sizeof s->read, 0);
    size_t        used;

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        give_up(s, c);
    } else if (n > 0 && c->in.len > 0) {
        bytes_add(&c->in, s->read, (size_t)n);
        bytes_drop(&c->in, take_input(s, c, c->in.data, c->in.len));
    } else if (n > 0 && (used = take_input(s, c, s->read, (size_t)n)) < (size_t)n) {
        bytes_add(&c->in, s->read + used, (size_t)n - used);
    }
}

static void
watch(const server *s, conn *c, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};

    if (epoll_ctl(s->epoll, how, c->fd, &event) != 0)
        c->is_broken = true;
}

static void
close_conn(server *s, conn *c)
{
    if (c->is_member) {
        s->members[c->place] = s->members[--s->n_members];
        s->members[c->place]->place = c->place;
    }
    close(c->fd);
    free(c->in.data);
    free(c->out.data);
    free(c);
}

static void
accept_all(server *s)
{
    const int on = 1;
    int       fd;
    conn     *c;

    while ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if ((c = calloc(1, sizeof *c)) == NULL)
            abort();
        c->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(s, c, EPOLL_CTL_ADD, EPOLLIN);
        if (c->is_broken)
            close_conn(s, c);
    }
}

/* One send(); what the kernel does not take goes when it has room again. */
static void
flush(server *s, conn *c)
{
    const ssize_t n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN) {
        c->is_broken = true;
        return;
    }
    bytes_drop(&c->out, n > 0 ? (size_t)n : 0);
    if (c->is_blocked != (c->out.len > 0)) {
        c->is_blocked = !c->is_blocked;
        watch(s, c, EPOLL_CTL_MOD, c->is_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

static void
flush_all(server *s)
{
    conn *c;

    while ((c = s->dirty) != NULL) {
        s->dirty = c->next_dirty;
        c->is_dirty = false;
        if (!c->is_broken && c->out.len > 0)
            flush(s, c);
        if (c->is_broken)
            close_conn(s, c);
    }
}

static void
turn(server *s)
{
    struct epoll_event events[EVENTS_PER_TURN];
    const int          n = epoll_wait(s->epoll, events, EVENTS_PER_TURN, -1);

    for (int i = 0; i < n; i++) {
        conn *c = events[i].data.ptr;

        if (c == NULL) {
            accept_all(s);
            continue;
        }
        if (events[i].events & EPOLLOUT)
            make_dirty(s, c);
        if (!c->is_broken && (events[i].events & ~(uint32_t)EPOLLOUT) != 0)
            receive(s, c);
    }
    flush_all(s);
}

static int
listen_on(server *s, unsigned port)
{
    const int          on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          len = sizeof address;
    struct epoll_event event = {.events = EPOLLIN};

    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->epoll < 0 || s->listener < 0 ||
        setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(s->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(s->listener, SOMAXCONN) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&address, &len) != 0 ||
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &event) != 0)
        return -1;
    s->port = ntohs(address.sin_port);
    return 0;
}

static const char usage[] =
    "yardstick [--port PORT]\n"
    "\n"
    "The least that a server of the contract can do, to measure others by.\n"
    "Without a port, or with 0, it takes any free one. Other options of the\n"
    "contract's servers are ignored.\n";

/* Any port number, or -1 when it is none. */
static long
port_of(const char *text)
{
    char      *end;
    const long port = strtol(text, &end, 10);

    return *text != '\0' && *end == '\0' && port >= 0 && port <= MAX_PORT ? port : -1;
}

int
main(int argc, char *argv[])
{
    static server s;
    struct rlimit limit;
    long          port = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return fputs(usage, stdout) == EOF;
        if (strcmp(argv[i], "--port") == 0)
            port = port_of(i + 1 < argc ? argv[++i] : "");
    }
    if (port < 0) {
        fprintf(stderr, "yardstick: --port wants a number up to %d; see --help\n", MAX_PORT);
        return 2;
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (listen_on(&s, (unsigned)port) != 0) {
        perror("yardstick");
        return 1;
    }
    fprintf(stderr, "listening on port %u\n", s.port);
    for (;;)
        turn(&s);
}
