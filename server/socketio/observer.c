#include "server/socketio/observer.h"

#include <assert.h>
#include <string.h>

#include "server/socketio/io.h"
#include "server/socketio/recovery.h"

void
sio_observer_add(sio_env *env, const sio_observer *o)
{
    const sio_observer **end = env->io->observers;

    while (*end != NULL)
        end++;
    assert(end < env->io->observers + SIO_MAX_OBSERVERS);
    *end = o;
    for (sio_hash_node *n = NULL;
         o->opened != NULL && (n = sio_hash_next(&env->io->namespaces, n)) != NULL;)
        o->opened(SIO_CONTAINER(n, sio_namespace, node));
}

void
sio_observer_remove_all(sio_env *env)
{
    memset(env->io->observers, 0, sizeof env->io->observers);
}

void
sio_observer_opened(const sio_namespace *nsp)
{
    for (const sio_observer **o = nsp->env->io->observers; *o != NULL; o++)
        if ((*o)->opened != NULL)
            (*o)->opened(nsp);
}

void
sio_observer_closed(const sio_namespace *nsp)
{
    for (const sio_observer **o = nsp->env->io->observers; *o != NULL; o++)
        if ((*o)->closed != NULL)
            (*o)->closed(nsp);
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
sio_observer_changed(const sio_socket *socket)
{
    for (const sio_observer **o = socket->nsp->env->io->observers; *o != NULL; o++)
        if ((*o)->changed != NULL)
            (*o)->changed(socket);
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

void
sio_observer_kept(const sio_recovery_state *state)
{
    for (const sio_observer **o = state->env->io->observers; *o != NULL; o++)
        if ((*o)->kept != NULL)
            (*o)->kept(state);
}

void
sio_observer_taken(const sio_recovery_state *state)
{
    for (const sio_observer **o = state->env->io->observers; *o != NULL; o++)
        if ((*o)->taken != NULL)
            (*o)->taken(state);
}
