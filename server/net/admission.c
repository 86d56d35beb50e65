#include "server/net/admission.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/http/http_conn.h"
#include "server/net/net.h"

enum { RESERVED_DESCRIPTORS = 32 /* Redis, log, event loop, libraries */ };

/* Connections of one address. */
typedef struct {
    sio_hash_node node;
    uint8_t       bytes[16];
    unsigned      n;
} address_count;

static unsigned
descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 1U << 20)
        return 1U << 20;
    return limit.rlim_cur > 2 * (rlim_t)RESERVED_DESCRIPTORS
               ? (unsigned)limit.rlim_cur - RESERVED_DESCRIPTORS
               : (unsigned)limit.rlim_cur / 2;
}

int
sio_admission_init(sio_admission *in, const sio_env *env)
{
    const unsigned limit = descriptor_limit();
    const unsigned wanted = env->cfg->max_connections;

    in->max_connections = wanted == 0 || wanted > limit ? limit : wanted;
    return sio_hash_init(&in->addresses);
}

void
sio_admission_fini(sio_admission *in)
{
    sio_hash_fini(&in->addresses);
}

/* --- Connections of one address. --- */

static address_count *
find_address(const sio_admission *in, const sio_address *peer)
{
    const sio_view key = {(const char *)peer->bytes, sizeof peer->bytes};
    sio_hash_node *node = sio_hash_find(&in->addresses, key);

    return node != NULL ? SIO_CONTAINER(node, address_count, node) : NULL;
}

/* One more of this address, unless that is too many. */
static bool
count_address(sio_env *env, const sio_address *peer)
{
    address_count *count;

    if (env->cfg->max_connections_per_address == 0)
        return true;
    if ((count = find_address(&env->net->admission, peer)) == NULL) {
        if ((count = calloc(1, sizeof *count)) == NULL)
            return false;
        memcpy(count->bytes, peer->bytes, sizeof count->bytes);
        count->node.key = (sio_view){(const char *)count->bytes, sizeof count->bytes};
        sio_hash_insert(&env->net->admission.addresses, &count->node);
    }
    if (count->n >= env->cfg->max_connections_per_address)
        return false;
    count->n++;
    return true;
}

void
sio_admission_closed(sio_env *env, const sio_address *peer)
{
    address_count *count = find_address(&env->net->admission, peer);

    if (count == NULL || --count->n > 0)
        return;
    sio_hash_remove(&env->net->admission.addresses, &count->node);
    free(count);
}

/* --- Connections of one second. --- */

static bool
count_second(sio_env *env)
{
    sio_admission *in = &env->net->admission;
    uint64_t       now_ms;

    if (env->cfg->max_connections_per_second == 0)
        return true;
    now_ms = sio_timer_wheel_now_ms(&env->timers);
    if (now_ms - in->second_ms >= 1000) {
        in->second_ms = now_ms;
        in->n_this_second = 0;
    }
    return in->n_this_second++ < env->cfg->max_connections_per_second;
}

/* --- Deciding. --- */

/* NULL: come in. Otherwise the setting that stands against it. */
static const char *
reason_to_refuse(sio_env *env, const sio_address *peer)
{
    if (env->stats.connections >= env->net->admission.max_connections)
        return "max connections";
    if (!count_second(env))
        return "max connections per second";
    if (!count_address(env, peer))
        return "max connections per address";
    return NULL;
}

/* The answer needs no state of ours: it fits into the empty send buffer, or the peer is gone. */
static void
admission_refuse(sio_env *env, int fd, const sio_address *peer, const char *setting)
{
    static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n"
                                 "Content-Type: text/plain\r\n"
                                 "Content-Length: 21\r\n"
                                 "Retry-After: 1\r\n"
                                 "Connection: close\r\n"
                                 "\r\n"
                                 "Too many connections.";
    char              text[SIO_ADDRESS_TEXT_MAX];

    env->stats.refused_connections++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_REFUSED_CONNECTION, NULL,
                        "refused a connection of %s: \"%s\"", sio_address_text(peer, text),
                        setting);
    (void)!write(fd, answer, sizeof answer - 1);
    shutdown(fd, SHUT_WR);
    close(fd);
}

void
sio_admission_accept(sio_env *env, int fd, const sio_address *peer)
{
    const char *setting = reason_to_refuse(env, peer);
    sio_conn   *c;

    env->stats.accepted++;
    if (setting != NULL) {
        admission_refuse(env, fd, peer, setting);
        return;
    }
    if ((c = sio_conn_adopt(env, fd, peer)) != NULL) {
        sio_http_conn_start(c);
        return;
    }
    sio_admission_closed(env, peer);
    sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, NULL,
                        "out of memory: connection dropped");
}
