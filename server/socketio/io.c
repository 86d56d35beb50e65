#include "server/socketio/io.h"

#include "server/base/env.h"
#include "server/socketio/acks.h"
#include "server/socketio/dialects.h"
#include "server/socketio/dynamic.h"
#include "server/socketio/server_side.h"
#include "server/socketio/socket.h"

int
sio_io_init(sio_env *env)
{
    sio_io *io = env->io;
    int     rc;

    io->env = env;
    env->inner_events = &sio_server_side_inner_events;
    io->recovery.dialect = &sio_dialect_sio5;
    sio_link_init(&io->left_sockets);
    sio_link_init(&io->parents);
    sio_link_init(&io->idle_namespaces);
    sio_task_init(&io->idle_task, sio_namespace_free_idle);
    sio_task_init(&io->left_task, sio_socket_free_left);
    sio_buf_init(&io->event_args, SIZE_MAX);
    sio_buf_init(&io->event_name, SIZE_MAX);
    if ((rc = sio_recovery_init(env)) != SIO_OK || (rc = sio_acks_init(env)) != SIO_OK ||
        (rc = sio_hash_init(&io->ack_tokens)) != SIO_OK ||
        (rc = sio_hash_init(&io->namespaces)) != SIO_OK)
        return rc;
    io->default_namespace = sio_of(sio_env_server(env), "");
    return io->default_namespace != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_io_fini(sio_env *env)
{
    sio_io        *io = env->io;
    sio_hash_node *node;

    while ((node = sio_hash_any(&io->namespaces)) != NULL)
        sio_namespace_free(SIO_CONTAINER(node, sio_namespace, node));
    sio_dynamic_free_parents(env);
    sio_hash_fini(&io->namespaces);
    sio_hash_fini(&io->ack_tokens);
    sio_buf_fini(&io->event_args);
    sio_buf_fini(&io->event_name);
}
