/*
 * tests/unit/net/conn_fixture.h - one connection, whoever speaks on it, and its peer.
 */
#ifndef SIO_TESTS_UNIT_CONN_FIXTURE_H
#define SIO_TESTS_UNIT_CONN_FIXTURE_H

#include "server/net/conn.h"
#include "tests/unit/net/net_fixture.h"

enum {
    MUCH = 4 * 1024 * 1024, /* more than a socket takes at once */
    LINGER_MS = 2000
};

static const sio_address nobody = {.family = 0};

/* --- Whoever speaks on the connection notes what it is told. --- */

static struct {
    sio_conn   *conn; /* NULL: the owner was told that it is closed */
    int         peer;
    char        heard[PEER_TEXT_MAX];
    size_t      n_heard;
    unsigned    n_writable, n_timeouts, n_reads;
    const char *reason;
    unsigned    n_ends;       /* that came while it was paused */
    bool        has_unread;   /* at the last of them */
    bool        is_heard_out; /* what is answered then */
} at;

static inline void
on_readable(sio_conn *c, char *bytes, size_t n)
{
    CHECK(c == at.conn);
    CHECK(at.n_heard + n < sizeof at.heard);
    memcpy(at.heard + at.n_heard, bytes, n);
    at.n_heard += n;
}

static inline void
on_writable(sio_conn *c)
{
    CHECK(!sio_conn_blocked(c));
    at.n_writable++;
}

static inline void
on_timeout(sio_conn *c)
{
    CHECK(c == at.conn);
    at.n_timeouts++;
}

static inline void
on_closed(sio_conn *c, const char *reason)
{
    CHECK(c == at.conn);
    at.conn = NULL;
    at.reason = reason;
}

static inline bool
hears_out(sio_conn *c, bool has_unread)
{
    CHECK(c == at.conn);
    at.n_ends++;
    at.has_unread = has_unread;
    return at.is_heard_out;
}

static const sio_conn_handler handler = {
    .readable = on_readable,
    .writable = on_writable,
    .timeout = on_timeout,
    .closed = on_closed,
    .hears_out = hears_out,
};

/* --- A connection, whose reads are counted. --- */

static sio_carrier counting; /* as the one under test */

static inline ptrdiff_t
counted_read(sio_conn *c, char *bytes, size_t n)
{
    at.n_reads++;
    return carrier->read(c, bytes, n);
}

static inline bool
begin(void)
{
    int fd;

    memset(&at, 0, sizeof at);
    counting = *carrier;
    counting.read = counted_read;
    if (!world_begin(NULL) || !open_pair(&fd, &at.peer))
        return false;
    at.conn = sio_conn_adopt(&world.env, &counting, fd, &nobody, &world.net.admitted);
    if (!CHECK(at.conn != NULL))
        return false;
    sio_holds_take(&world.env.holds);
    world.env.stats.connections++;
    at.conn->handler = &handler;
    return true;
}

/* Nothing is left of it. */
static inline bool
is_gone(void)
{
    return sio_link_empty(&world.net.conns);
}

static inline void
end(void)
{
    if (at.peer >= 0)
        close(at.peer);
    turn();
    CHECK(is_gone());
    world_end();
}

static inline void
peer_close(void)
{
    close(at.peer);
    at.peer = -1;
}

static inline sio_view
heard(void)
{
    return (sio_view){at.heard, at.n_heard};
}

/* Write more than the socket takes. */
static inline void
write_much(void)
{
    char *bytes = calloc(1, MUCH);

    CHECK(bytes != NULL);
    if (bytes == NULL)
        return;
    sio_conn_write(at.conn, (sio_view){bytes, MUCH});
    CHECK(sio_conn_blocked(at.conn));
    free(bytes);
}

/* All that the peer can read, in turns with the connection. */
static inline size_t
peer_read_all(void)
{
    static char bytes[65536];
    size_t      total = 0;
    ssize_t     n;

    while ((n = recv(at.peer, bytes, sizeof bytes, 0)) > 0) {
        total += (size_t)n;
        turn();
    }
    return total;
}

#endif
