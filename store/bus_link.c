#include "store/bus_link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/result.h"

enum {
    READ_BYTES = 256 * 1024, /* at once: others have their turn in between */
    KEPT_BYTES = 1024 * 1024 /* of a buffer that was needed once, and is empty */
};

static void
give_memory_back(sio_buf *b)
{
    if (b->cap > KEPT_BYTES)
        sio_buf_fini(b);
    else
        sio_buf_clear(b);
}

/* Nothing of the link may be touched when this returns. */
static void
link_settle(sio_bus_link *l)
{
    if (l->is_broken)
        l->ears->closed(l);
}

/* --- Out. --- */

static size_t
link_waiting(const sio_bus_link *l)
{
    return l->out.len - l->sent;
}

bool
sio_bus_link_is_idle(const sio_bus_link *l)
{
    return link_waiting(l) == 0;
}

static bool
has_room(const sio_bus_link *l, size_t len, size_t max_bytes)
{
    return !l->is_broken && len < SIO_BUS_MAX_FRAME && link_waiting(l) <= max_bytes &&
           len + SIO_BUS_FRAME_HEAD <= max_bytes - link_waiting(l);
}

/* What is sent goes from the beginning, once it is the larger part. */
static void
make_place(sio_bus_link *l)
{
    if (l->sent < link_waiting(l))
        return;
    memmove(l->out.data, l->out.data + l->sent, link_waiting(l));
    l->out.len -= l->sent;
    l->sent = 0;
}

static size_t
length_of(const sio_view *parts, size_t n_parts)
{
    size_t len = 0;

    for (size_t i = 0; i < n_parts; i++)
        len += parts[i].len;
    return len;
}

/* False: no memory, and all is as it was. */
static bool
add_frame(sio_buf *out, char kind, const sio_view *parts, size_t n_parts)
{
    const uint32_t len = (uint32_t)length_of(parts, n_parts) + 1;
    const size_t   before = out->len;

    sio_buf_add(out, &len, sizeof len);
    sio_buf_add_char(out, kind);
    for (size_t i = 0; i < n_parts; i++)
        sio_buf_add_view(out, parts[i]);
    if (!out->failed)
        return true;
    out->failed = false;
    out->len = before;
    return false;
}

static int
send_within(sio_bus_link *l, size_t max_bytes, char kind, const sio_view *parts, size_t n_parts)
{
    if (!has_room(l, length_of(parts, n_parts), max_bytes) ||
        !add_frame(&l->out, kind, parts, n_parts))
        return SIO_ERR_FULL;
    event_active(l->flush_event, 0, 0);
    return SIO_OK;
}

int
sio_bus_link_send(sio_bus_link *l, char kind, const sio_view *parts, size_t n_parts)
{
    return send_within(l, l->max_bytes, kind, parts, n_parts);
}

void
sio_bus_link_tell(sio_bus_link *l, char kind, const sio_view *parts, size_t n_parts)
{
    if (send_within(l, 2 * l->max_bytes, kind, parts, n_parts) == SIO_OK)
        return;
    l->is_broken = true;
    event_active(l->flush_event, 0, 0); /* where it is closed */
}

static void
link_flush(sio_bus_link *l)
{
    while (link_waiting(l) > 0) {
        const ssize_t n =
            send(l->fd, l->out.data + l->sent, link_waiting(l), MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            l->is_broken = errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM;
            break;
        }
        l->sent += (size_t)n;
    }
    if (link_waiting(l) == 0) {
        l->sent = 0;
        give_memory_back(&l->out);
    } else {
        make_place(l);
        event_add(l->write_event, NULL);
    }
}

static void
on_link_flush(evutil_socket_t fd, short events, void *arg)
{
    sio_bus_link *l = arg;

    (void)fd;
    (void)events;
    if (!l->is_broken && !event_pending(l->write_event, EV_WRITE, NULL))
        link_flush(l);
    link_settle(l);
}

static void
on_link_writable(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    link_flush(arg);
    link_settle(arg);
}

/* --- In. --- */

/* The frames at the beginning of what has come; how many bytes they are. */
static size_t
take_frames(sio_bus_link *l)
{
    size_t at = 0;

    while (!l->is_broken && l->in.len - at >= SIO_BUS_FRAME_HEAD) {
        const char *frame = l->in.data + at;
        uint32_t    len;

        memcpy(&len, frame, sizeof len);
        if (len == 0 || len > SIO_BUS_MAX_FRAME) {
            l->is_broken = true;
            break;
        }
        if (l->in.len - at - sizeof len < len)
            break;
        if (!l->ears->frame(l, frame[sizeof len],
                            (sio_view){frame + SIO_BUS_FRAME_HEAD, (size_t)len - 1}))
            l->is_broken = true;
        at += sizeof len + len;
    }
    return at;
}

static void
link_parse(sio_bus_link *l)
{
    const size_t taken = take_frames(l);

    if (taken == l->in.len) {
        give_memory_back(&l->in);
        return;
    }
    if (taken > 0)
        memmove(l->in.data, l->in.data + taken, l->in.len - taken);
    l->in.len -= taken;
}

static void
on_link_readable(evutil_socket_t fd, short events, void *arg)
{
    sio_bus_link *l = arg;
    ssize_t       n;

    (void)fd;
    (void)events;
    if (!sio_buf_reserve(&l->in, READ_BYTES)) {
        l->is_broken = true; /* what is not read would be missed */
        link_settle(l);
        return;
    }
    n = recv(l->fd, l->in.data + l->in.len, READ_BYTES, MSG_DONTWAIT);
    if (n > 0) {
        l->in.len += (size_t)n;
        link_parse(l);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        l->is_broken = true;
    }
    link_settle(l);
}

/* --- Life. --- */

int
sio_bus_link_init(sio_bus_link *l, struct event_base *base, int fd, size_t max_bytes,
                  const sio_bus_link_ears *ears)
{
    *l = (sio_bus_link){.fd = fd, .ears = ears, .max_bytes = max_bytes};
    sio_buf_init(&l->in, SIZE_MAX);
    sio_buf_init(&l->out, SIZE_MAX);
    l->read_event = event_new(base, fd, EV_READ | EV_PERSIST, on_link_readable, l);
    l->write_event = event_new(base, fd, EV_WRITE, on_link_writable, l);
    l->flush_event = event_new(base, -1, 0, on_link_flush, l);
    if (l->read_event != NULL && l->write_event != NULL && l->flush_event != NULL &&
        event_add(l->read_event, NULL) == 0)
        return SIO_OK;
    sio_bus_link_fini(l);
    return SIO_ERR_NOMEM;
}

void
sio_bus_link_fini(sio_bus_link *l)
{
    if (l->read_event != NULL)
        event_free(l->read_event);
    if (l->write_event != NULL)
        event_free(l->write_event);
    if (l->flush_event != NULL)
        event_free(l->flush_event);
    sio_buf_fini(&l->in);
    sio_buf_fini(&l->out);
    close(l->fd);
    *l = (sio_bus_link){.fd = -1};
}
