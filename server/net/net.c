#include "server/net/net.h"

#include <libwebsockets.h>
#include <sys/resource.h>

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
sio_net_init(sio_env *env)
{
    sio_link_init(&env->net->conns);
}

int
sio_net_open(sio_env *env)
{
    const int rc = sio_admission_init(&env->net->admission, env);

    return rc != SIO_OK ? rc : open_lws(env);
}

void
sio_net_close(sio_env *env)
{
    if (env->net->lws != NULL)
        lws_context_destroy(env->net->lws);
    env->net->lws = NULL;
    sio_admission_fini(&env->net->admission);
}
