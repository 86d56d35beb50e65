#include "server/net/fronts.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/net/carrier.h"
#include "server/net/net.h"
#include "server/net/proxied.h"

/* A second has had its share: the others wait in the queues of the kernel. */
static void
rest_if_full(sio_env *env)
{
    const unsigned ms = sio_admission_rest_ms(env);

    if (ms == 0)
        return;
    env->stats.delayed_accepts++;
    sio_fronts_rest(env, ms);
}

static void
on_accepted(sio_listener *l, int fd, const sio_address *peer)
{
    const sio_front_words *words = &SIO_CONTAINER(l, sio_front, listener)->words;
    const sio_carrier     *carrier = words->is_tls ? &sio_carrier_tls : NULL;

    if (words->is_proxy)
        sio_proxied_accept(l->env, carrier, fd, peer);
    else
        sio_net_accept(l->env, carrier, fd, peer);
    rest_if_full(l->env);
}

static const char *
kind_of(const sio_front *front)
{
    if (front->words.is_tls)
        return front->words.is_proxy ? " (proxy, tls)" : " (tls)";
    return front->words.is_proxy ? " (proxy)" : "";
}

/* --- Where the settings say. --- */

static void
note_where(sio_front *front, const sio_listen_address *at)
{
    const int len = (int)at->host.len;

    if (at->is_unix)
        snprintf(front->where, sizeof front->where, "unix:%.*s%s", len, at->host.data,
                 kind_of(front));
    else
        snprintf(front->where, sizeof front->where, "%.*s%sport %u%s", len, at->host.data,
                 len > 0 ? " " : "", front->listener.port, kind_of(front));
}

static int
open_front(sio_env *env, const sio_listen_address *at, sio_front_words words, sio_buf *error)
{
    sio_fronts *fronts = &env->net->fronts;
    sio_front  *front = &fronts->items[fronts->n];

    if (sio_listener_open_at(&front->listener, env, at, on_accepted, error) != SIO_OK)
        return SIO_ERR_SYS;
    front->words = words;
    note_where(front, at);
    fronts->n++;
    return SIO_OK;
}

/* The setting has checked each of them, and how many they are. */
static int
open_list(sio_env *env, const sio_texts *list, sio_buf *error)
{
    sio_listen_entry entry;

    for (size_t i = 0; i < list->n; i++)
        if (sio_listen_entry_parse(list->items[i], &entry) != SIO_OK ||
            open_front(env, &entry.at, (sio_front_words){entry.is_proxy, entry.is_tls}, error) !=
                SIO_OK)
            return SIO_ERR_SYS;
    return SIO_OK;
}

int
sio_fronts_open(sio_env *env, sio_buf *error)
{
    const sio_cfg           *cfg = env->cfg;
    const sio_listen_address one = {.host = sio_view_of(cfg->host), .port = cfg->port};

    return cfg->listen.n > 0 ? open_list(env, &cfg->listen, error)
                             : open_front(env, &one, (sio_front_words){false, false}, error);
}

/* --- Sockets that somebody else has opened. --- */

static void
note_bound(sio_front *front)
{
    struct sockaddr_storage ss = {.ss_family = 0};
    struct sockaddr_un      un;
    socklen_t               len = sizeof ss;

    (void)sio_listener_bound(&front->listener, &ss, &len);
    if (ss.ss_family != AF_UNIX) {
        snprintf(front->where, sizeof front->where, "port %u%s", front->listener.port,
                 kind_of(front));
        return;
    }
    memcpy(&un, &ss, sizeof un);
    un.sun_path[sizeof un.sun_path - 1] = '\0'; /* it may fill its place, without a NUL */
    snprintf(front->where, sizeof front->where, "unix:%s%s", un.sun_path, kind_of(front));
}

int
sio_fronts_adopt(sio_env *env, int first_fd, unsigned n, const sio_front_words words[],
                 sio_buf *error)
{
    sio_fronts *fronts = &env->net->fronts;

    for (int fd = first_fd; fronts->n < n; fd++) {
        sio_front *front = &fronts->items[fronts->n];

        if (words[fronts->n].is_tls && env->net->tls.contexts == NULL) {
            sio_buf_add_str(error, "a socket of LISTEN_FDS is called tls, but \"tls\" has no "
                                   "certificate");
            return SIO_ERR_SYS;
        }
        if (sio_listener_adopt(&front->listener, env, fd, on_accepted, error) != SIO_OK)
            return SIO_ERR_SYS;
        front->words = words[fronts->n];
        note_bound(front);
        fronts->n++;
    }
    return SIO_OK;
}

/* --- All of them. --- */

void
sio_fronts_pause(sio_env *env, bool paused)
{
    sio_fronts *fronts = &env->net->fronts;

    for (unsigned i = 0; i < fronts->n; i++)
        sio_listener_pause(&fronts->items[i].listener, paused);
}

void
sio_fronts_rest(sio_env *env, unsigned ms)
{
    sio_fronts *fronts = &env->net->fronts;

    for (unsigned i = 0; i < fronts->n; i++)
        sio_listener_rest(&fronts->items[i].listener, ms);
}

void
sio_fronts_close(sio_env *env)
{
    sio_fronts *fronts = &env->net->fronts;

    for (unsigned i = 0; i < fronts->n; i++)
        sio_listener_close(&fronts->items[i].listener);
    fronts->n = 0;
}

unsigned
sio_fronts_port(const sio_env *env)
{
    const sio_fronts *fronts = &env->net->fronts;

    for (unsigned i = 0; i < fronts->n; i++)
        if (fronts->items[i].listener.port != 0)
            return fronts->items[i].listener.port;
    return 0;
}
