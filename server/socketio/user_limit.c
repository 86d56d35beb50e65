#include "server/socketio/user_limit.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/io.h"
#include "server/socketio/observer.h"

static const char user_prefix[] = "user:";

/* The room of a user. */
typedef struct {
    sio_link       link;
    sio_namespace *nsp;
    char           room[];
} user_crowd;

/* Who is in it. */
typedef struct {
    unsigned    n;
    sio_socket *oldest, *newest;
} user_members;

static void
count_member(sio_socket *socket, void *arg)
{
    user_members *m = arg;

    if (m->n++ == 0)
        m->oldest = socket;
    m->newest = socket;
}

/* One has entered, so one goes. */
static void
thin_out(sio_env *env, const user_crowd *crowd)
{
    const bool   spares_new = strcmp(env->cfg->user_limit, "oldest") == 0;
    user_members m = {0, NULL, NULL};

    if (env->cfg->max_sockets_per_user == 0 ||
        sio_each(crowd->nsp, crowd->room, count_member, &m) != 0 ||
        m.n <= env->cfg->max_sockets_per_user)
        return;
    env->stats.user_limit_ends++;
    sio_disconnect(spares_new ? m.oldest : m.newest, false);
}

static void
on_turn_over(sio_task *task)
{
    sio_io *io = SIO_CONTAINER(task, sio_io, user_limit.task);

    while (!sio_link_empty(&io->user_limit.crowds)) {
        user_crowd *crowd = SIO_CONTAINER(io->user_limit.crowds.next, user_crowd, link);

        sio_link_remove(&crowd->link);
        thin_out(io->env, crowd);
        free(crowd);
    }
}

/* An observer may end nobody: that is for the end of the turn. */
static void
on_entered(const sio_socket *socket, const char *room)
{
    sio_env     *env = socket->nsp->env;
    const size_t len = strlen(room);
    user_crowd  *crowd;

    if (env->cfg->max_sockets_per_user == 0 ||
        strncmp(room, user_prefix, sizeof user_prefix - 1) != 0)
        return;
    crowd = malloc(sizeof *crowd + len + 1);
    if (crowd == NULL) {
        sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, NULL,
                            "out of memory: the sockets of a user are not counted");
        return;
    }
    crowd->nsp = socket->nsp;
    memcpy(crowd->room, room, len + 1);
    sio_link_init(&crowd->link);
    sio_link_append(&env->io->user_limit.crowds, &crowd->link);
    sio_deferred_add(&env->deferred, &env->io->user_limit.task);
}

void
sio_user_limit_open(sio_env *env)
{
    static const sio_observer observer = {.entered = on_entered};

    sio_link_init(&env->io->user_limit.crowds);
    sio_task_init(&env->io->user_limit.task, on_turn_over);
    sio_observer_add(env, &observer);
}

void
sio_user_limit_close(sio_env *env)
{
    sio_user_limit *u = &env->io->user_limit;

    if (u->crowds.next == NULL) /* it was never open */
        return;
    sio_task_cancel(&u->task);
    while (!sio_link_empty(&u->crowds)) {
        user_crowd *crowd = SIO_CONTAINER(u->crowds.next, user_crowd, link);

        sio_link_remove(&crowd->link);
        free(crowd);
    }
}
