#include "server/backends/backends.h"

#include <string.h>

#include "protocol/result.h"
#include "server/backends/api_request.h"
#include "server/backends/api_routes.h"
#include "server/config/config.h"

/* Each program keeps some connections. */
static const sio_side_bounds bounds = {
    .max_connections = 256, .max_request_bytes = 8192, .timeout_ms = 75000};

void
sio_backends_init(sio_env *env)
{
    sio_commands_init(&env->backends->commands);
    sio_link_init(&env->backends->requests);
    sio_outgoing_init(&env->backends->outgoing);
}

static void
log_api_address(sio_env *env, const sio_side_listener *l, sio_view address)
{
    sio_buf url;

    sio_buf_init(&url, SIZE_MAX);
    sio_side_add_url(l, address, &url);
    sio_log_info(&env->log, NULL, "api at %.*s", (int)url.len, url.data);
    sio_buf_fini(&url);
}

/* Clients may join the namespaces that keys are good for. False: no memory. */
static bool
make_namespaces(sio_env *env)
{
    const sio_cfg_list    *list = &env->cfg->api.keys;
    const sio_cfg_api_key *keys = list->items;

    for (size_t i = 0; i < list->n; i++)
        for (size_t j = 0; j < keys[i].namespaces.n; j++) {
            const char *name = keys[i].namespaces.items[j].data;

            if (strcmp(name, "*") != 0 && strcmp(name, "/") != 0 &&
                sio_of(sio_env_server(env), name) == NULL)
                return false;
        }
    return true;
}

int
sio_backends_open(sio_env *env, sio_buf *error)
{
    sio_backends    *b = env->backends;
    const sio_texts *addresses = &env->cfg->api.listen;
    int              rc = SIO_OK;

    b->is_closed = false;
    sio_side_init(&b->side, env, &sio_api_routes, &bounds, &env->stats.api_refusals);
    if (!make_namespaces(env)) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_NOMEM;
    }
    for (size_t i = 0; rc == SIO_OK && i < addresses->n; i++)
        if ((rc = sio_side_listen(&b->side, addresses->items[i], error)) == SIO_OK)
            log_api_address(env, &b->side.listeners[i], addresses->items[i]);
    if (rc == SIO_OK && env->cfg->api.stream)
        sio_stream_commands_open(&b->stream, env, &b->commands, &b->quota);
    if (rc == SIO_OK)
        rc = sio_jwt_gate_open(&b->jwt, env, error);
    if (rc == SIO_OK)
        rc = sio_hooks_open(&b->hooks, env, &b->commands, error);
    return rc;
}

void
sio_backends_adjust(sio_env *env)
{
    if (!make_namespaces(env))
        sio_log_error(&env->log, NULL, "out of memory: not all namespaces of \"api\" are there");
    sio_jwt_gate_adjust(&env->backends->jwt, env);
    sio_hooks_adjust(&env->backends->hooks);
}

void
sio_backends_leave(sio_env *env, void (*told)(void *arg), void *arg)
{
    sio_stream_commands_close(&env->backends->stream);
    sio_holds_await(&env->backends->untold, told, arg);
}

void
sio_backends_close(sio_env *env)
{
    sio_stream_commands_close(&env->backends->stream);
    sio_side_close(&env->backends->side);
    env->backends->is_closed = true;
    sio_api_request_stop_all(env->backends);
    sio_jwt_gate_close(&env->backends->jwt);
    sio_hooks_close(&env->backends->hooks);
}

void
sio_backends_fini(sio_env *env)
{
    sio_outgoing_fini(&env->backends->outgoing);
    sio_hooks_fini(&env->backends->hooks);
    sio_jwt_gate_fini(&env->backends->jwt);
    sio_api_request_free_all(env->backends);
    sio_commands_fini(&env->backends->commands);
    sio_stream_commands_fini(&env->backends->stream);
}
