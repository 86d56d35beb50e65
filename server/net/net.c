#include "server/net/net.h"

#include <libwebsockets.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/env.h"

enum { MAX_DESCRIPTORS = 1 << 20 };

static int
open_lws(sio_env *env)
{
    void                            *loops[] = {env->base};
    struct rlimit                    limit = {.rlim_cur = MAX_DESCRIPTORS};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_LIBEVENT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .protocols = sio_conn_protocols,
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
    env->net->vhost = lws_create_vhost(env->net->lws, &info);
    return env->net->vhost != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_net_init(sio_env *env, const sio_net_owner *owner)
{
    env->net->owner = owner;
    sio_link_init(&env->net->conns);
}

int
sio_net_open(sio_env *env)
{
    const int rc = sio_admission_init(&env->net->admission, env);

    return rc != SIO_OK ? rc : open_lws(env);
}

/* --- Connections come. --- */

static void
net_refuse(sio_env *env, int fd, const sio_address *peer, const char *setting)
{
    char text[SIO_ADDRESS_TEXT_MAX];

    env->stats.refused_connections++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_REFUSED_CONNECTION, NULL,
                        "refused a connection of %s: \"%s\"", sio_address_text(peer, text),
                        setting);
    sio_net_dismiss(env, fd, peer, env->net->owner->refusal);
}

void
sio_net_accept(sio_env *env, int fd, const sio_address *peer)
{
    const char *setting = sio_admission_enter(env, peer);
    sio_conn   *c;

    env->stats.accepted++;
    if (setting != NULL) {
        net_refuse(env, fd, peer, setting);
        return;
    }
    if ((c = sio_conn_adopt(env, fd, peer, true)) != NULL) {
        env->net->owner->accepted(c);
        return;
    }
    sio_admission_leave(env, peer);
    sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, NULL,
                        "out of memory: connection dropped");
}

/* The bytes fit into the send buffer, which is empty, or the peer is gone. */
static void
say_and_close(int fd, sio_view bytes)
{
    (void)!write(fd, bytes.data, bytes.len);
    shutdown(fd, SHUT_WR);
    close(fd);
}

void
sio_net_dismiss(sio_env *env, int fd, const sio_address *peer, sio_view bytes)
{
    sio_conn *c;

    if (env->net->n_dismissed >= SIO_NET_MAX_DISMISSED) {
        say_and_close(fd, bytes);
    } else if ((c = sio_conn_adopt(env, fd, peer, false)) != NULL) {
        env->net->n_dismissed++;
        sio_conn_write(c, bytes);
        sio_conn_close(c);
    }
}

/* --- Birth and death. --- */

void
sio_net_close(sio_env *env)
{
    if (env->net->lws != NULL)
        lws_context_destroy(env->net->lws);
    env->net->lws = NULL;
    sio_admission_fini(&env->net->admission);
}
