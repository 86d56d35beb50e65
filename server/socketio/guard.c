#include "server/socketio/guard.h"

#include "server/socketio/extra.h"
#include "server/socketio/io.h"

void
sio_set_guard(sio_server *io, const sio_guard *guard, void *arg)
{
    sio_io *all = sio_env_of(io)->io;

    all->guard = guard;
    all->guard_arg = arg;
}

void *
sio_socket_pass(const sio_socket *socket)
{
    return socket->extra != NULL ? socket->extra->pass : NULL;
}

bool
sio_guard_asks(const sio_env *env)
{
    return env->io->guard != NULL && env->io->guard->admit != NULL;
}

bool
sio_guard_listens(const sio_env *env)
{
    return env->io->guard != NULL && env->io->guard->hears != NULL;
}

void
sio_guard_joined(sio_socket *socket)
{
    const sio_io *io = socket->nsp->env->io;

    if (io->guard != NULL && io->guard->joined != NULL)
        io->guard->joined(socket, io->guard_arg);
}

bool
sio_guard_hears(sio_socket *socket, const sio_event *event)
{
    const sio_io *io = socket->nsp->env->io;

    return io->guard->hears(socket, event, io->guard_arg);
}

bool
sio_guard_keep_pass(sio_socket *socket, const sio_pass *pass)
{
    if (pass->what == NULL)
        return true;
    if (sio_extra_of(socket) == NULL)
        return false;
    socket->extra->pass = pass->what;
    socket->extra->pass_bytes = pass->n_bytes;
    return true;
}

size_t
sio_guard_pass_bytes(const sio_socket *socket)
{
    return socket->extra != NULL ? socket->extra->pass_bytes : 0;
}

void
sio_guard_free_pass(const sio_env *env, void *pass)
{
    const sio_io *io = env->io;

    if (pass != NULL && io->guard != NULL && io->guard->free_pass != NULL)
        io->guard->free_pass(pass, io->guard_arg);
}

void
sio_guard_left(sio_socket *socket)
{
    void *pass = sio_socket_pass(socket);

    if (pass == NULL)
        return;
    socket->extra->pass = NULL;
    sio_guard_free_pass(socket->nsp->env, pass);
}
