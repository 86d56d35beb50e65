/*
 * Any bytes from another process of the bus (store/bus.h), while this one asks, tells and stops.
 *
 * The first byte says what it does meanwhile; the rest is what the other one says, in two pieces.
 */
#include "tests/fuzz/must.h"

#include "store/bus.h"
#include "store/once.h"

#include <sys/socket.h>
#include <unistd.h>

static void
on_message(void *arg, bool direct, sio_view bytes)
{
    unsigned *sum = arg;

    (void)direct;
    for (size_t i = 0; i < bytes.len; i++)
        *sum += (unsigned char)bytes.data[i];
}

static void
on_event(void *arg)
{
    (void)arg;
}

static void
on_tag(void *arg, sio_view tag)
{
    (void)arg;
    must(tag.len == SIO_STORE_TAG_LEN);
}

static void
on_data(void *arg, int rc, sio_view data)
{
    (void)rc;
    on_message(arg, true, data);
}

static void
on_done(void *arg, int rc)
{
    (void)arg;
    (void)rc;
}

static void
ask(sio_store *s, uint8_t what, unsigned *sum)
{
    sio_store_req *req = NULL;

    if (what & 1)
        req = sio_store_handshake_take(s, SIO_VIEW("other_1"), on_data, sum);
    if (what & 2)
        (void)sio_store_client_inherit(s, SIO_VIEW("new"), SIO_VIEW("old"), on_done, sum);
    if (what & 4)
        (void)sio_store_once_claim(s, SIO_VIEW("key"), SIO_VIEW("v"), 1000, on_data, sum);
    if (what & 8)
        sio_store_session_add(s, SIO_VIEW("thisis"), SIO_VIEW("id"));
    if (what & 16)
        (void)sio_store_publish(s, SIO_VIEW("other_"), SIO_VIEW("text"));
    if (what & 32)
        sio_store_cancel(req);
}

static void
hear(struct event_base *base, int fd, const uint8_t *data, size_t size)
{
    (void)!send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT); /* it may have been closed */
    for (unsigned i = 0; i < 4; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event_base   *base = event_base_new();
    const sio_bus_cfg    cfg = {.base = base, .number = 1, .limits = {.max_entries = 100}};
    unsigned             sum = 0;
    const sio_store_ears ears = {.message = on_message,
                                 .up = on_event,
                                 .down = on_event,
                                 .met = on_tag,
                                 .gone = on_tag,
                                 .forgot = on_event,
                                 .arg = &sum};
    const uint8_t        what = size > 0 ? data[0] : 0;
    const size_t         half = size / 2;
    sio_store           *s = NULL;
    int                  fds[2];

    must(base != NULL && sio_bus_store_new(&s, &cfg) == SIO_OK);
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    must(sio_bus_add_peer(s, what & 64 ? 0 : 2, fds[0]) == SIO_OK);
    must(sio_store_listen(s, SIO_VIEW("thisis"), &ears) == SIO_OK);
    if (size > 0)
        hear(base, fds[1], data + 1, half > 0 ? half - 1 : 0);
    ask(s, what, &sum);
    if (size > 1)
        hear(base, fds[1], data + half, size - half);
    if (what & 128)
        sio_store_free(s);
    close(fds[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    if (!(what & 128))
        sio_store_free(s);
    event_base_free(base);
    return 0;
}
