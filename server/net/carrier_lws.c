/*
 * Plain TCP, with libwebsockets to watch the sockets: to the library each is a descriptor of any
 * kind, which it calls a raw file. Its own reading and writing of sockets reads nothing while a
 * write is incomplete, and is woken by what it does not read at once again.
 */
#include <libwebsockets.h>
#include <sys/resource.h>

#include "server/base/env.h"
#include "server/net/carrier.h"
#include "server/net/net.h"
#include "server/net/plain_socket.h"

enum { MAX_DESCRIPTORS = 1 << 20, LOOK_MS = 1000 };

typedef struct {
    sio_conn    conn;
    struct lws *wsi;
    sio_timer   look; /* armed while SIO_CARRIER_END is wanted, which the library can not tell */
} lws_conn;

static lws_conn *
lws_of(sio_conn *c)
{
    return SIO_CONTAINER(c, lws_conn, conn);
}

/* --- What the library says. --- */

static int
on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    sio_conn *c = lws_get_opaque_user_data(wsi); /* NULL: it was detached */

    (void)user;
    (void)in;
    (void)len;
    if (c != NULL && reason == LWS_CALLBACK_RAW_RX_FILE)
        sio_conn_on_readable(c);
    if (c != NULL && reason == LWS_CALLBACK_RAW_WRITEABLE_FILE) {
        sio_conn_on_writable(c);
        if ((c->wants & SIO_CARRIER_WRITE) != 0) /* which it tells once */
            lws_callback_on_writable(wsi);
    }
    return 0;
}

static const struct lws_protocols protocols[] = {
    {.name = "siobroker", .callback = on_lws},
    LWS_PROTOCOL_LIST_TERM,
};

static void
await_end(lws_conn *l)
{
    if ((l->conn.wants & SIO_CARRIER_END) != 0)
        sio_timer_set(&l->conn.env->timers, &l->look, LOOK_MS);
    else
        sio_timer_cancel(&l->conn.env->timers, &l->look);
}

static void
look_for_end(sio_timer *timer)
{
    lws_conn *l = SIO_CONTAINER(timer, lws_conn, look);

    sio_conn_on_end(&l->conn);
    await_end(l);
}

/* --- The table. --- */

static int
carrier_lws_open(sio_env *env)
{
    void                            *loops[] = {env->base};
    struct rlimit                    limit = {.rlim_cur = MAX_DESCRIPTORS};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_LIBEVENT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .protocols = protocols,
        .foreign_loops = loops,
    };

    lws_set_log_level(0, NULL); /* what matters is logged here, with the session id */
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur > MAX_DESCRIPTORS)
        limit.rlim_cur = MAX_DESCRIPTORS;
    info.fd_limit_per_thread = (unsigned)limit.rlim_cur; /* more than the process has: it aborts */
    if ((env->net->lws = lws_create_context(&info)) == NULL)
        return SIO_ERR_NOMEM;
    info.vhost_name = "siobroker";
    env->net->lws_vhost = lws_create_vhost(env->net->lws, &info);
    return env->net->lws_vhost != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

static void
carrier_lws_close(sio_env *env)
{
    if (env->net->lws != NULL)
        lws_context_destroy(env->net->lws);
    env->net->lws = NULL;
}

static int
carrier_lws_attach(sio_conn *c)
{
    const lws_adopt_desc_t desc = {
        .vh = c->env->net->lws_vhost,
        .type = LWS_ADOPT_RAW_FILE_DESC,
        .fd.filefd = c->fd,
        .vh_prot_name = protocols[0].name,
        .opaque = c,
    };

    lws_of(c)->look.fire = look_for_end;
    lws_of(c)->wsi = lws_adopt_descriptor_vhost_via_info(&desc);
    return lws_of(c)->wsi != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

static void
carrier_lws_detach(sio_conn *c)
{
    struct lws *wsi = lws_of(c)->wsi;

    sio_timer_cancel(&c->env->timers, &lws_of(c)->look);
    lws_set_opaque_user_data(wsi, NULL);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static void
carrier_lws_watch(sio_conn *c)
{
    struct lws *wsi = lws_of(c)->wsi;

    lws_rx_flow_control(wsi, (c->wants & SIO_CARRIER_READ) != 0);
    if ((c->wants & SIO_CARRIER_WRITE) != 0)
        lws_callback_on_writable(wsi);
    await_end(lws_of(c));
}

const char *
sio_carrier_lws_library(void)
{
    return lws_get_library_version();
}

const sio_carrier sio_carrier_lws = {
    .name = "lws",
    .conn_size = sizeof(lws_conn),
    .open = carrier_lws_open,
    .close = carrier_lws_close,
    .attach = carrier_lws_attach,
    .detach = carrier_lws_detach,
    .read = sio_plain_socket_read,
    .write = sio_plain_socket_write,
    .watch = carrier_lws_watch,
    .end_output = sio_plain_socket_end_output,
    .peer_has_left = sio_plain_socket_peer_has_left,
    .has_unread = sio_plain_socket_has_unread,
};
