#include "server/backends/api_steps.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/backends/api_error.h"

static bool
are_steps_batch(const sio_api_steps *s)
{
    return s->kind == SIO_N_BACKEND_COMMANDS;
}

/* What follows is done at the end of the turn: a command may end in the call that begins it. */
static void
end_step(sio_api_step *step, unsigned status)
{
    sio_api_steps *s = step->of;

    step->status = status;
    s->has_failed |= status != 200;
    s->n_ended++;
    sio_deferred_add(&s->env->deferred, &s->next);
}

static void
fail_step(sio_api_step *step, const char *code, const char *at, const char *why)
{
    const sio_api_steps *s = step->of;
    char                 before[32] = "";

    if (are_steps_batch(s))
        snprintf(before, sizeof before, "commands[%zu]", (size_t)(step - s->list));
    sio_api_error_add(&step->result, code, before, at, why);
    sio_idempotency_drop(&step->once);
    end_step(step, sio_api_error_status(code));
}

/* May it wait for the end of its batch? */
static bool
has_room_for_result(const sio_api_steps *s, size_t n_bytes)
{
    if (!are_steps_batch(s) || n_bytes <= SIO_API_STEPS_SMALL_RESULT_BYTES)
        return true;
    return s->n_result_bytes + n_bytes <= SIO_API_STEPS_MAX_RESULT_BYTES &&
           s->b->n_result_bytes + n_bytes <= SIO_API_STEPS_MAX_ALL_RESULT_BYTES;
}

static void
take_result(sio_api_step *step, sio_view json)
{
    sio_api_steps *s = step->of;

    if (!has_room_for_result(s, json.len)) {
        s->env->stats.api_results_cut++;
        fail_step(step, "too_large", "",
                  "it was done, but the results are too long together; send it by itself");
        return;
    }
    sio_buf_add_view(&step->result, json);
    if (are_steps_batch(s)) {
        s->n_result_bytes += json.len;
        s->b->n_result_bytes += json.len;
    }
    end_step(step, 200);
}

static void
on_step_done(void *arg, const sio_outcome *outcome)
{
    sio_api_step *step = arg;

    if (step->of->b->is_closed)
        return;
    if (outcome->code != NULL) {
        fail_step(step, outcome->code, outcome->at, outcome->why);
        return;
    }
    sio_idempotency_keep(&step->once, outcome->json);
    take_result(step, outcome->json);
}

static bool
may_run(sio_api_step *step, const sio_backend_command *c)
{
    const sio_api_steps   *s = step->of;
    const sio_cfg_api_key *key = s->has_key ? sio_api_access_find(s->env, s->key) : NULL;

    if (s->has_key && key == NULL)
        fail_step(step, "forbidden", "", "the key is good no longer");
    else if (!sio_api_access_may(key, c))
        fail_step(step, "forbidden", "", "the key is not good for this command in this namespace");
    else if (!sio_api_access_take(&s->b->access, key))
        fail_step(step, "rate_limited", "", "\"max per second\" of the key is reached");
    else
        return true;
    return false;
}

/* False: the step has ended. */
static bool
read_step(sio_api_step *step, sio_backend_command *c)
{
    const sio_api_steps      *s = step->of;
    sio_backend_command_error error;
    const int                 rc = sio_backend_command_read(c, step->json, s->kind, "/", &error);

    if (rc == SIO_ERR_NOMEM)
        fail_step(step, "out_of_memory", "", "there is no memory; try again later");
    else if (rc != SIO_OK)
        fail_step(step, rc == SIO_TOO_LARGE ? "too_large" : "bad_command", error.at, error.why);
    return rc == SIO_OK;
}

static void
fail_idempotency(sio_api_step *step, sio_idempotency_verdict verdict)
{
    const char *why, *code = sio_api_error_of_verdict(verdict, &why);

    fail_step(step, code, "", why);
}

/* It may be done now. Its text was good when it was read first. */
static void
run_step(sio_api_step *step)
{
    sio_api_steps      *s = step->of;
    sio_backend_command c;

    s->env->stats.api_commands++;
    if (read_step(step, &c))
        sio_commands_run(s->env, &s->b->commands, &c, on_step_done, step);
    sio_backend_command_fini(&c);
}

static void
on_step_looked(sio_idempotency *once, sio_idempotency_verdict verdict, sio_view result)
{
    sio_api_step *step = SIO_CONTAINER(once, sio_api_step, once);

    step->of->is_looking = false;
    sio_deferred_add(&step->of->env->deferred, &step->of->next); /* the command may have to wait */
    if (verdict == SIO_IDEMPOTENCY_FRESH) {
        run_step(step);
    } else if (verdict == SIO_IDEMPOTENCY_DONE) {
        step->is_replayed = true;
        take_result(step, result);
    } else {
        fail_idempotency(step, verdict);
    }
}

/* With the id of a single command, or of one in a batch. Another kind of command is another. */
static void
look_for_step(sio_api_step *step, const sio_backend_command *c, sio_view id)
{
    sio_api_steps *s = step->of;
    const sio_view name = sio_view_of(sio_backend_command_names[c->kind]);
    sio_buf        what;

    s->is_looking = true;
    sio_buf_init(&what, SIZE_MAX);
    sio_buf_add_view(&what, name);
    sio_buf_add_view(&what, step->json);
    if (what.failed)
        on_step_looked(&step->once, SIO_IDEMPOTENCY_AWAY, (sio_view){NULL, 0});
    else
        sio_idempotency_begin(&step->once, s->env, &s->b->quota, sio_view_of(s->key), id,
                              sio_buf_view(&what), on_step_looked);
    sio_buf_fini(&what);
}

static void
begin_step(sio_api_step *step)
{
    const sio_api_steps *s = step->of;
    const sio_view       header = sio_view_of(s->id);
    sio_backend_command  c;

    if (read_step(step, &c) && may_run(step, &c)) {
        const sio_view id = are_steps_batch(s) || header.len == 0 ? c.id : header;

        if (id.len == 0)
            run_step(step);
        else
            look_for_step(step, &c, id);
    }
    sio_backend_command_fini(&c);
}

static bool
are_steps_over(const sio_api_steps *s)
{
    const bool ends_here = s->n_begun == s->n || (s->stops_on_error && s->has_failed);

    return ends_here && s->n_ended == s->n_begun;
}

static bool
may_begin_next(const sio_api_steps *s)
{
    if (s->n_begun == s->n || s->is_looking)
        return false;
    return !s->stops_on_error || (s->n_ended == s->n_begun && !s->has_failed);
}

static void
run_steps(sio_task *next)
{
    sio_api_steps_run(SIO_CONTAINER(next, sio_api_steps, next));
}

void
sio_api_steps_init(sio_api_steps *s, sio_backends *b, sio_env *env, sio_backend_command_kind kind,
                   const sio_cfg_api_key *key, void (*done)(sio_api_steps *steps))
{
    *s = (sio_api_steps){.b = b, .env = env, .kind = kind, .has_key = key != NULL, .done = done};
    if (key != NULL)
        snprintf(s->key, sizeof s->key, "%s", key->name);
    sio_task_init(&s->next, run_steps);
}

bool
sio_api_steps_make(sio_api_steps *s, size_t n)
{
    if (n > 0 && (s->list = calloc(n, sizeof *s->list)) == NULL)
        return false;
    s->n = n;
    s->b->n_request_bytes += n * sizeof *s->list;
    for (size_t i = 0; i < n; i++) {
        s->list[i].of = s;
        sio_buf_init(&s->list[i].result, SIZE_MAX);
    }
    return true;
}

void
sio_api_steps_run(sio_api_steps *s)
{
    if (s->b->is_closed)
        return;
    while (may_begin_next(s))
        begin_step(&s->list[s->n_begun++]);
    if (are_steps_over(s))
        s->done(s);
}

void
sio_api_steps_stop(sio_api_steps *s)
{
    for (size_t i = 0; i < s->n; i++)
        sio_idempotency_cancel(&s->list[i].once);
}

void
sio_api_steps_fini(sio_api_steps *s)
{
    sio_api_steps_stop(s);
    for (size_t i = 0; i < s->n; i++)
        sio_buf_fini(&s->list[i].result);
    s->b->n_request_bytes -= s->n * sizeof *s->list;
    s->b->n_result_bytes -= s->n_result_bytes;
    sio_task_cancel(&s->next);
    free(s->list);
}
