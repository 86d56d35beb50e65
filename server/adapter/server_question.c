#include "server/adapter/server_question.h"

#include <stdlib.h>

#include "protocol/json.h"
#include "server/adapter/adapters.h"
#include "server/base/env.h"
#include "server/socketio/server_side.h"

enum { MAX_QUESTIONS = 10000 }; /* that wait for the application */

void
sio_server_question_forget(sio_server_question *q)
{
    sio_timer_cancel(&q->env->timers, &q->timer);
    q->env->adapters->n_questions--;
    q->env->stats.surveys--;
    q->env = NULL;
    q->forget(q);
}

static void
on_question_time_is_up(sio_timer *timer)
{
    sio_server_question_forget(SIO_CONTAINER(timer, sio_server_question, timer));
}

/* Its last word, with the answer if there is one; then it is gone. */
static void
question_end(sio_server_question *q, sio_view json)
{
    if (q->env != NULL && q->env->phase != SIO_STOPPING)
        q->tell(q, json);
    if (q->env != NULL)
        sio_server_question_forget(q);
    free(q);
}

static void
question_begin(sio_server_question *q, sio_env *env, unsigned timeout_ms)
{
    q->env = env;
    q->timer.fire = on_question_time_is_up;
    sio_timer_set(&env->timers, &q->timer, timeout_ms);
    env->adapters->n_questions++;
    env->stats.surveys++;
}

void
sio_server_question_ask(sio_namespace *nsp, sio_server_question *q, sio_view event, sio_view args,
                        unsigned timeout_ms)
{
    sio_adapters *adapters = nsp->env->adapters;

    if (q != NULL && adapters->n_questions >= MAX_QUESTIONS) {
        q->forget(q);
        free(q);
        q = NULL;
    }
    if (q != NULL)
        question_begin(q, nsp->env, timeout_ms);
    adapters->question = q;
    sio_server_side_hear(nsp, event, args);
    if (q != NULL && adapters->question == q)
        question_end(q, SIO_VIEW(""));
    adapters->question = NULL;
}

/* --- The application. --- */

sio_server_question *
sio_server_side_question(sio_namespace *nsp)
{
    sio_adapters        *adapters = nsp->env->adapters;
    sio_server_question *q = adapters->question;

    adapters->question = NULL;
    if (q != NULL)
        q->is_taken = true;
    return q;
}

int
sio_server_side_answer(sio_server_question *q, const char *json)
{
    sio_view value = sio_view_of(json);
    int      rc = 0;

    if (json != NULL && sio_json_validate(value, SIO_JSON_MAX_DEPTH) != SIO_OK) {
        value = SIO_VIEW("");
        rc = q->env != NULL ? sio_env_fail(q->env, "the answer is not JSON") : -1;
    }
    question_end(q, value);
    return rc;
}
