#include "server/startup.h"

#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>

#include "server/assets/client_directory.h"
#include "server/server.h"
#include "store/memory.h"
#include "store/redis.h"

enum { MAX_DESCRIPTORS = 1 << 20 };

/* --- The store. --- */

static void
on_store_log(void *arg, int level, const char *text)
{
    sio_log_line(arg, level, text);
}

static int
open_redis_store(sio_server *s, const sio_handshakes_limits *limits)
{
    sio_redis_url       url;
    char                prefix[SIO_REDIS_MAX_PREFIX + 1];
    sio_redis_store_cfg cfg = {.base = s->base,
                               .url = &url,
                               .prefix = prefix,
                               .limits = *limits,
                               .bare_clients = sio_node09_is_chosen(s),
                               .log = on_store_log,
                               .log_arg = s};
    char                why[256];

    if (sio_redis_url_parse(s->cfg.redis, &url, why, sizeof why) != SIO_OK) {
        sio_buf_add_str(&s->error, "\"redis\": ");
        sio_buf_add_str(&s->error, why);
        return SIO_ERR_CONFIG;
    }
    snprintf(prefix, sizeof prefix, "%s:", s->cfg.cluster_name); /* bounded by its setting */
    return sio_redis_store_new(&s->store, &cfg);
}

static int
open_store(sio_server *s)
{
    const sio_handshakes_limits limits = {.max_entries = s->cfg.max_unused_handshakes};

    if (s->cfg.redis[0] != '\0')
        return open_redis_store(s, &limits);
    return sio_memory_store_new(&s->store, s->base, &limits);
}

/* --- Connections. --- */

static int
open_lws(sio_server *s)
{
    void                            *loops[] = {s->base};
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
    if ((s->lws = lws_create_context(&info)) == NULL)
        return SIO_ERR_NOMEM;
    info.vhost_name = "siobroker";
    s->vhost = lws_create_vhost(s->lws, &info);
    return s->vhost != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

/* --- The browser clients. --- */

/* A directory of the user's own, such as that of the npm package, may have just those of 0.9. */
static void
tell_of_missing_client4(const sio_server *s, sio_view why)
{
    if (strcmp(s->cfg.browser_client_version, "4") == 0)
        sio_log_warn(&s->log, NULL, "%.*s", (int)why.len, why.data);
    else
        sio_log_info(&s->log, NULL, "%.*s", (int)why.len, why.data);
}

static void
open_client_files(sio_server *s)
{
    char    directory[PATH_MAX];
    sio_buf why;

    sio_buf_init(&why, SIZE_MAX);
    sio_client_directory(&s->cfg, directory);
    if (sio_client09_files_new(&s->client_files, &s->cfg, directory, &why) != SIO_OK)
        sio_log_warn(&s->log, NULL, "%.*s", (int)why.len, why.data);
    sio_buf_clear(&why);
    if (sio_client4_files_new(&s->client4_files, &s->cfg, directory, &why) != SIO_OK)
        tell_of_missing_client4(s, sio_buf_view(&why));
    sio_buf_fini(&why);
}

/* --- All of them. --- */

int
sio_startup_open(sio_server *s)
{
    int rc;

    if ((rc = sio_admission_init(&s->intake, s)) != SIO_OK ||
        (rc = sio_signals_catch(s)) != SIO_OK || (rc = open_lws(s)) != SIO_OK ||
        (rc = open_store(s)) != SIO_OK || (rc = sio_node09_join(s)) != SIO_OK ||
        (rc = sio_cluster_join(s)) != SIO_OK) {
        if (s->error.len == 0)
            sio_buf_add_str(&s->error, "out of memory");
        return rc;
    }
    open_client_files(s);
    return sio_listener_open(&s->listener, s, s->cfg.port, sio_admission_accept, &s->error);
}

void
sio_startup_close(sio_server *s)
{
    if (s->lws != NULL)
        lws_context_destroy(s->lws);
    s->lws = NULL;
    sio_store_free(s->store);
    s->store = NULL;
    sio_client09_files_free(s->client_files);
    s->client_files = NULL;
    sio_client4_files_free(s->client4_files);
    s->client4_files = NULL;
    sio_admission_fini(&s->intake);
}
