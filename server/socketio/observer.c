#include "server/socketio/observer.h"

#include <assert.h>
#include <string.h>

#include "server/socketio/io.h"

void
sio_observer_add(sio_env *env, const sio_observer *o)
{
    const sio_observer **end = env->io->observers;

    while (*end != NULL)
        end++;
    assert(end < env->io->observers + SIO_MAX_OBSERVERS);
    *end = o;
}

void
sio_observer_remove_all(sio_env *env)
{
    memset(env->io->observers, 0, sizeof env->io->observers);
}

void
sio_observer_joined(const sio_socket *socket)
{
    for (const sio_observer **o = socket->nsp->env->io->observers; *o != NULL; o++)
        if ((*o)->joined != NULL)
            (*o)->joined(socket);
}

void
sio_observer_left(const sio_socket *socket, const char *reason)
{
    for (const sio_observer **o = socket->nsp->env->io->observers; *o != NULL; o++)
        if ((*o)->left != NULL)
            (*o)->left(socket, reason);
}

void
sio_observer_entered(const sio_socket *socket, const char *room)
{
    for (const sio_observer **o = socket->nsp->env->io->observers; *o != NULL; o++)
        if ((*o)->entered != NULL)
            (*o)->entered(socket, room);
}

void
sio_observer_exited(const sio_socket *socket, const char *room)
{
    for (const sio_observer **o = socket->nsp->env->io->observers; *o != NULL; o++)
        if ((*o)->exited != NULL)
            (*o)->exited(socket, room);
}
