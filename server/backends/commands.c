#include "server/backends/commands.h"

#include "server/backends/command_events.h"
#include "server/backends/command_run.h"
#include "server/backends/command_set.h"
#include "server/backends/command_sockets.h"
#include "server/config/config.h"

static const sio_outcome cluster_away = {
    .code = "cluster_unavailable",
    .at = "",
    .why = "Redis is away, so nothing was done; try again, or say \"local\": true"};

void
sio_commands_init(sio_commands *commands)
{
    sio_link_init(&commands->waiting);
}

void
sio_commands_fini(sio_commands *commands)
{
    while (!sio_link_empty(&commands->waiting))
        sio_command_run_free(SIO_CONTAINER(commands->waiting.next, sio_command_run, link));
}

static const struct {
    void (*run)(const sio_command_run *r, const sio_backend_command *c);
    bool is_of_all; /* instances: it has to reach the others */
} doers[SIO_N_BACKEND_COMMANDS] = {
    [SIO_BACKEND_EMIT] = {sio_command_events_emit, true},
    [SIO_BACKEND_ASK] = {sio_command_events_ask, true},
    [SIO_BACKEND_ACK] = {sio_command_events_ack, false},
    [SIO_BACKEND_JOIN] = {sio_command_sockets_move, true},
    [SIO_BACKEND_LEAVE] = {sio_command_sockets_move, true},
    [SIO_BACKEND_DISCONNECT] = {sio_command_sockets_disconnect, true},
    [SIO_BACKEND_SOCKETS] = {sio_command_sockets_list, true},
    [SIO_BACKEND_COUNT] = {sio_command_sockets_count, true},
    [SIO_BACKEND_ROOMS] = {sio_command_sockets_rooms, true},
    [SIO_BACKEND_SET] = {sio_command_set, true},
};

/* Others may be there, and can not be told. */
static bool
is_cluster_away(const sio_env *env)
{
    return env->cfg->redis[0] != '\0' && sio_store_get_counters(env->store)->connected == 0;
}

/* A socket of this instance can be told while Redis is away. */
static bool
needs_others(const sio_command_run *r, const sio_backend_command *c)
{
    if (c->kind == SIO_BACKEND_SET)
        return sio_find(r->nsp, c->socket) == NULL;
    return doers[c->kind].is_of_all && !c->is_local;
}

void
sio_commands_run(sio_env *env, sio_commands *commands, const sio_backend_command *c,
                 sio_commands_fn fn, void *arg)
{
    const sio_command_run r = {.env = env,
                               .commands = commands,
                               .nsp = sio_find_namespace(sio_env_server(env), c->nsp),
                               .is_local = c->is_local,
                               .limit = c->limit,
                               .fn = fn,
                               .arg = arg};

    if (r.nsp == NULL)
        sio_command_run_tell_error(&r, "unknown_namespace", "namespace",
                                   "there is no such namespace here");
    else if (needs_others(&r, c) && is_cluster_away(env))
        sio_command_run_tell(&r, &cluster_away);
    else
        doers[c->kind].run(&r, c);
}
