#include "server/net/net.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/net/carrier.h"

static void
weigh_unsent(sio_env *env)
{
    for (sio_link *l = env->net->conns.next; l != &env->net->conns; l = l->next)
        sio_conn_weigh(SIO_CONTAINER(l, sio_conn, link));
}

/* --- Doors: a server that stops waits for those who came in here. --- */

static void
on_admitted_left(sio_env *env, sio_door *door, const sio_address *peer)
{
    (void)door;
    sio_admission_leave(env, peer);
    sio_memory_trim_ended(env);
    sio_holds_release(&env->holds);
}

static void
on_unnamed_left(sio_env *env, sio_door *door, const sio_address *peer)
{
    (void)door;
    (void)peer;
    sio_admission_leave_unnamed(env);
    sio_memory_trim_ended(env);
}

static void
on_dismissed_left(sio_env *env, sio_door *door, const sio_address *peer)
{
    (void)door;
    (void)peer;
    env->net->n_dismissed--;
    sio_memory_trim_ended(env);
    sio_holds_release(&env->holds);
}

void
sio_net_init(sio_env *env, const sio_net_owner *owner)
{
    sio_budget_add_scale(env, weigh_unsent);
    env->net->owner = owner;
    env->net->admitted.left = on_admitted_left;
    env->net->unnamed.left = on_unnamed_left;
    env->net->dismissed.left = on_dismissed_left;
    sio_link_init(&env->net->conns);
}

/* --- Birth and death. --- */

/* That of the setting, which names one of them. */
static const sio_carrier *
choose_carrier(const sio_cfg *cfg)
{
    return strcmp(cfg->carrier, sio_carrier_lws.name) == 0 ? &sio_carrier_lws : &sio_carrier_tcp;
}

int
sio_net_open(sio_env *env)
{
    sio_net *net = env->net;
    int      rc = sio_admission_init(&net->admission, env);

    net->carrier = choose_carrier(env->cfg);
    if (rc == SIO_OK && net->carrier->open != NULL)
        rc = net->carrier->open(env);
    return rc;
}

int
sio_net_open_tls(sio_env *env, sio_buf *error)
{
    int rc = sio_tls_open(env, error);

    if (rc == SIO_OK && env->net->tls.contexts != NULL)
        rc = sio_carrier_tls.open(env);
    return rc;
}

void
sio_net_close(sio_env *env)
{
    sio_net *net = env->net;

    while (!sio_link_empty(&net->conns))
        sio_conn_kill(SIO_CONTAINER(net->conns.next, sio_conn, link));
    if (net->carrier != NULL && net->carrier->close != NULL)
        net->carrier->close(env);
    net->carrier = NULL;
    sio_tls_close(env);
    sio_admission_fini(&net->admission);
}

/* --- Connections come. --- */

static void
note_refusal(sio_env *env, const sio_address *peer, const char *setting)
{
    char text[SIO_ADDRESS_TEXT_MAX];

    env->stats.refused_connections++;
    env->measures.refused_connections[sio_measures_over(setting)]++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_REFUSED_CONNECTION, NULL,
                        "refused a connection of %s: \"%s\"",
                        sio_address_log_text(peer, env->cfg->log_addresses, text), setting);
}

static void net_dismiss(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer,
                        sio_view bytes);

static void
net_refuse(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer,
           const char *setting)
{
    note_refusal(env, peer, setting);
    net_dismiss(env, carrier, fd, peer, env->net->owner->refusal);
}

static void
note_no_memory(sio_env *env)
{
    sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, NULL,
                        "out of memory: connection dropped");
}

/* Of a carrier that speaks TLS, it does so from its first byte. */
static sio_conn *
adopt(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer, sio_door *door)
{
    sio_conn *c = sio_conn_adopt(env, carrier, fd, peer, door);

    if (c != NULL && carrier->secure != NULL)
        carrier->secure(c, SIO_VIEW(""));
    return c;
}

void
sio_net_accept(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer)
{
    const char *setting = sio_admission_enter(env, peer);
    sio_conn   *c;

    if (carrier == NULL)
        carrier = env->net->carrier;
    env->stats.accepted++;
    if (setting != NULL) {
        net_refuse(env, carrier, fd, peer, setting);
        return;
    }
    if ((c = adopt(env, carrier, fd, peer, &env->net->admitted)) != NULL) {
        sio_holds_take(&env->holds);
        env->net->owner->accepted(c);
        return;
    }
    sio_admission_leave(env, peer);
    note_no_memory(env);
}

/* A server that stops does not wait for it, until it has a name. */
sio_conn *
sio_net_accept_unnamed(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer)
{
    const char *setting = sio_admission_enter_unnamed(env);
    sio_conn   *c;

    if (carrier == NULL)
        carrier = env->net->carrier;
    env->stats.accepted++;
    if (setting != NULL) {
        net_refuse(env, carrier, fd, peer, setting);
        return NULL;
    }
    if ((c = sio_conn_adopt(env, carrier, fd, peer, &env->net->unnamed)) != NULL)
        return c;
    sio_admission_leave_unnamed(env);
    note_no_memory(env);
    return NULL;
}

/* The bytes fit into the send buffer, which is empty, or the peer is gone. */
static void
say_and_close(int fd, sio_view bytes)
{
    (void)!send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    close(fd);
}

static void
dismiss(sio_conn *c, sio_view bytes)
{
    sio_holds_take(&c->env->holds);
    c->env->net->n_dismissed++;
    sio_conn_write(c, bytes);
    sio_conn_close(c);
}

/* Where TLS is spoken, words without it are none: then it is just closed. */
static void
net_dismiss(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer,
            sio_view bytes)
{
    sio_conn *c;

    if (env->net->n_dismissed >= SIO_NET_MAX_DISMISSED)
        say_and_close(fd, carrier->secure == NULL ? bytes : SIO_VIEW(""));
    else if ((c = adopt(env, carrier, fd, peer, &env->net->dismissed)) != NULL)
        dismiss(c, bytes);
}

void
sio_net_dismiss(sio_env *env, int fd, const sio_address *peer, sio_view bytes)
{
    net_dismiss(env, env->net->carrier, fd, peer, bytes);
}

/* As sio_net_dismiss(). */
static void
dismiss_unnamed(sio_conn *c, sio_view bytes)
{
    if (c->env->net->n_dismissed >= SIO_NET_MAX_DISMISSED) {
        sio_conn_write(c, bytes);
        sio_conn_abort(c);
        return;
    }
    sio_admission_leave_unnamed(c->env);
    c->door = &c->env->net->dismissed;
    dismiss(c, bytes);
}

void
sio_net_admit(sio_conn *c, const sio_address *client)
{
    sio_env    *env = c->env;
    const char *setting = sio_admission_name(env, client);

    c->peer = *client;
    if (setting != NULL) {
        note_refusal(env, client, setting);
        dismiss_unnamed(c, env->net->owner->refusal);
        return;
    }
    c->door = &env->net->admitted;
    sio_holds_take(&env->holds);
    env->net->owner->accepted(c);
}
