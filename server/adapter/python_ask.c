#include "server/adapter/python_ask.h"

#include <stdlib.h>

#include "server/adapter/adapters.h"
#include "server/adapter/python_publish.h"
#include "server/base/env.h"
#include "server/socketio/ack_group.h"

enum {
    MAX_ASKED = 10000, /* questions that wait for clients */
    ASK_MS = 60000     /* so long call() waits in Python, unless it is told otherwise */
};

/* A question that clients here have yet to answer. */
typedef struct {
    sio_link      link; /* in python->asked */
    sio_env      *env;
    sio_ack_group ask;
    sio_timer     timer;
    sio_buf       host_id, sid, nsp, id; /* of asker */
} python_ask;

static void
python_ask_free(python_ask *a)
{
    sio_ack_group_stop(&a->ask);
    sio_timer_cancel(&a->env->timers, &a->timer);
    sio_link_remove(&a->link);
    a->env->adapters->python.n_asked--;
    a->env->stats.surveys--;
    sio_buf_fini(&a->host_id);
    sio_buf_fini(&a->sid);
    sio_buf_fini(&a->nsp);
    sio_buf_fini(&a->id);
    free(a);
}

static void
on_client_answer(sio_ack_group *ask, const sio_ack_answer *answer)
{
    python_ask            *a = SIO_CONTAINER(ask, python_ask, ask);
    const sio_python_asker asker = {
        .host_id = sio_buf_view(&a->host_id),
        .sid = sio_buf_view(&a->sid),
        .nsp = sio_buf_view(&a->nsp),
        .id = sio_buf_view(&a->id),
    };
    sio_buf json;

    sio_buf_init(&json, SIO_ACK_ANSWER_MAX_BYTES);
    sio_ack_answer_add(answer, &json);
    if (json.failed)
        a->env->stats.backlog_full++;
    else
        sio_python_publish_answer(a->env, &asker, sio_buf_view(&json));
    sio_buf_fini(&json);
}

static void
on_all_answered(sio_ack_group *ask)
{
    python_ask_free(SIO_CONTAINER(ask, python_ask, ask));
}

static void
on_ask_time_is_up(sio_timer *timer)
{
    python_ask_free(SIO_CONTAINER(timer, python_ask, timer));
}

static bool
copy_asker(python_ask *a, const sio_python_asker *asker)
{
    sio_buf_add_view(&a->host_id, asker->host_id);
    sio_buf_add_view(&a->sid, asker->sid);
    sio_buf_add_view(&a->nsp, asker->nsp);
    sio_buf_add_view(&a->id, asker->id);
    return !a->host_id.failed && !a->sid.failed && !a->nsp.failed && !a->id.failed;
}

/* NULL: too many wait, or no memory. */
static python_ask *
python_ask_new(sio_env *env, const sio_python_asker *asker)
{
    sio_python *p = &env->adapters->python;
    python_ask *a = p->n_asked < MAX_ASKED ? calloc(1, sizeof *a) : NULL;

    if (a == NULL)
        return NULL;
    a->env = env;
    sio_ack_group_init(&a->ask);
    a->ask.is_whole = true;
    a->ask.answered = on_client_answer;
    a->ask.ended = on_all_answered;
    a->timer.fire = on_ask_time_is_up;
    sio_buf_init(&a->host_id, SIZE_MAX);
    sio_buf_init(&a->sid, SIZE_MAX);
    sio_buf_init(&a->nsp, SIZE_MAX);
    sio_buf_init(&a->id, SIZE_MAX);
    sio_link_init(&a->link);
    sio_link_append(&p->asked, &a->link);
    p->n_asked++;
    env->stats.surveys++;
    if (copy_asker(a, asker))
        return a;
    python_ask_free(a);
    return NULL;
}

/* When nobody can be asked nobody hears it either: an answer that is lost would tell a lie. */
void
sio_python_ask(sio_namespace *nsp, const sio_target *target, const sio_packet *p,
               const sio_python_asker *asker)
{
    python_ask *a = python_ask_new(nsp->env, asker);

    if (a == NULL) {
        nsp->env->stats.backlog_full++;
        return;
    }
    sio_ack_group_begin(&a->ask, nsp, target, false, p);
    sio_timer_set(&nsp->env->timers, &a->timer, ASK_MS);
    if (sio_ack_group_is_over(&a->ask))
        python_ask_free(a);
}

void
sio_python_ask_forget_all(sio_env *env)
{
    sio_link *asked = &env->adapters->python.asked;

    while (asked->next != NULL && !sio_link_empty(asked))
        python_ask_free(SIO_CONTAINER(asked->next, python_ask, link));
}
