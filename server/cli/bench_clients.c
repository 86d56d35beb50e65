#include "server/cli/bench_clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "protocol/json.h"
#include "protocol/result.h"

enum { N_EVENTS = 256, MAX_ERROR = 1024 };

int
sio_bench_clients_fail(sio_bench_clients *c, int rc, const char *why)
{
    if (c->error.len == 0)
        sio_buf_add_str(&c->error, why);
    return rc;
}

/* "client 17 of 100: " before what its own words are. */
static int
fail_client(sio_bench_clients *c, const sio_bench_client *which, int rc, const sio_buf *why)
{
    if (c->error.len > 0)
        return rc;
    sio_buf_add_str(&c->error, "client ");
    sio_buf_add_u64(&c->error, (uint64_t)(which - c->all) + 1);
    sio_buf_add_str(&c->error, " of ");
    sio_buf_add_u64(&c->error, c->n_max);
    sio_buf_add_str(&c->error, ": ");
    sio_buf_add_view(&c->error, sio_buf_view(why));
    return rc;
}

/* --- Hearing. --- */

/* Take all that has come for one of them, and is there already. */
static int
hear_client(sio_bench_clients *c, sio_bench_client *which)
{
    sio_buf     why;
    sio5_packet packet;
    int         rc = SIO_OK;

    sio_buf_init(&why, MAX_ERROR);
    while (rc == SIO_OK) {
        rc = sio_socketio_client_next(&which->client, &packet, &why);
        if (rc == SIO_OK && packet.type == SIO5_DISCONNECT) {
            sio_buf_add_str(&why, "disconnected by the server");
            rc = SIO_ERR_NOT_FOUND;
        }
        if (rc == SIO_OK && c->take != NULL && c->take(c->arg, which, &packet) != SIO_OK)
            rc = SIO_BAD;
    }
    if (rc != SIO_PARTIAL)
        fail_client(c, which, rc, &why);
    sio_buf_fini(&why);
    return rc == SIO_PARTIAL ? SIO_OK : rc;
}

int
sio_bench_clients_hear(sio_bench_clients *c, unsigned wait_ms)
{
    struct epoll_event events[N_EVENTS];
    int                rc = SIO_OK, n = epoll_wait(c->epoll, events, N_EVENTS, (int)wait_ms);

    if (n < 0 && errno != EINTR)
        return sio_bench_clients_fail(c, SIO_ERR_SYS, strerror(errno));
    for (int i = 0; i < n && rc == SIO_OK; i++)
        rc = hear_client(c, events[i].data.ptr);
    return rc;
}

/* --- Opening. --- */

static int
take_id(sio_bench_client *which, sio_view data)
{
    sio_json_field sid = {SIO_VIEW("sid"), SIO_VIEW("")};

    if (sio_json_pick(data, SIO_JSON_MAX_DEPTH, &sid, 1) != SIO_OK)
        return SIO_BAD;
    sio_buf_add_view(&which->id, sid.value);
    return which->id.failed ? SIO_ERR_NOMEM : SIO_OK;
}

/* The first packet says whether it is in. */
static int
join(sio_bench_client *which, const sio_socketio_login *login, sio_buf *why)
{
    sio5_packet packet;
    int         rc = sio_socketio_client_init(&which->client, login, why);

    if (rc == SIO_OK)
        rc = sio_socketio_client_next(&which->client, &packet, why);
    if (rc != SIO_OK)
        return rc;
    if (packet.type == SIO5_CONNECT)
        return take_id(which, packet.data);
    sio_buf_add_str(why, "the namespace has refused ");
    sio_buf_add_view(why, packet.data);
    return SIO_BAD;
}

static int
watch(sio_bench_clients *c, sio_bench_client *which)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = which};

    if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, which->client.stream.fd, &event) < 0)
        return sio_bench_clients_fail(c, SIO_ERR_SYS, strerror(errno));
    which->client.stream.is_patient = false;
    return hear_client(c, which); /* what has come with the first packet */
}

int
sio_bench_clients_open(sio_bench_clients *c)
{
    sio_bench_client *which = &c->all[c->n++];
    sio_buf           why;
    int               rc;

    sio_buf_init(&which->id, SIZE_MAX);
    sio_buf_init(&why, MAX_ERROR);
    rc = join(which, c->login, &why);
    if (rc != SIO_OK)
        fail_client(c, which, rc, &why);
    sio_buf_fini(&why);
    return rc == SIO_OK ? watch(c, which) : rc;
}

int
sio_bench_clients_send(sio_bench_clients *c, sio_bench_client *from, const sio5_packet *p)
{
    sio_buf why;
    int     rc;

    sio_buf_init(&why, MAX_ERROR);
    sio_stream_allow(&from->client.stream, SIO_SOCKETIO_CLIENT_PATIENCE_MS);
    rc = sio_socketio_client_send(&from->client, p, &why);
    if (rc != SIO_OK)
        fail_client(c, from, rc, &why);
    sio_buf_fini(&why);
    return rc;
}

int
sio_bench_clients_init(sio_bench_clients *c, const sio_socketio_login *login, unsigned n_max)
{
    *c = (sio_bench_clients){.login = login, .n_max = n_max};
    sio_buf_init(&c->error, (size_t)2 * MAX_ERROR);
    c->all = calloc(n_max, sizeof *c->all);
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (c->all == NULL || c->epoll < 0)
        return sio_bench_clients_fail(c, SIO_ERR_SYS, strerror(errno));
    return SIO_OK;
}

void
sio_bench_clients_fini(sio_bench_clients *c)
{
    for (unsigned i = 0; i < c->n; i++) {
        sio_socketio_client_fini(&c->all[i].client);
        sio_buf_fini(&c->all[i].id);
    }
    if (c->epoll >= 0)
        close(c->epoll);
    free(c->all);
    sio_buf_fini(&c->error);
}
