#include "server/backends/api_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "server/backends/api_access.h"
#include "server/backends/api_error.h"
#include "server/backends/api_reply.h"
#include "server/backends/commands.h"
#include "server/backends/idempotency.h"
#include "store/clock.h"

typedef struct api_request api_request;

/* One of its commands. */
typedef struct {
    api_request    *r;
    sio_view        json;
    sio_buf         result;
    unsigned        status;
    bool            is_replayed; /* the result is that of an earlier request */
    bool            has_id;
    sio_idempotency once; /* if it has an id */
} api_step;

struct api_request {
    sio_link                 link; /* in b->requests */
    sio_backends            *b;
    sio_env                 *env;
    sio_exchange            *x; /* NULL: the client has gone */
    bool                     has_key;
    char                     key[33]; /* its name */
    sio_backend_command_kind kind;
    uint64_t                 began_us;
    sio_buf                  body; /* a copy: the request itself lives during one call */
    char            id[SIO_BACKEND_MAX_ID + 1]; /* of the header Idempotency-Key; "": none */
    bool            stops_on_error;
    bool            has_failed; /* a command has */
    bool            is_looking; /* a step waits to know whether it was done already */
    size_t          n_steps, n_begun, n_ended;
    api_step       *steps;
    sio_task        next; /* begin what may begin, or answer */
    sio_idempotency once; /* of a batch, if it has an id */
};

static bool
is_batch(const api_request *r)
{
    return r->kind == SIO_N_BACKEND_COMMANDS;
}

/* --- Life. --- */

/* Nobody tells any more whether it was done already. */
static void
stop_looking(api_request *r)
{
    for (size_t i = 0; i < r->n_steps; i++)
        sio_idempotency_cancel(&r->steps[i].once);
    sio_idempotency_cancel(&r->once);
}

static void
api_request_free(api_request *r)
{
    stop_looking(r);
    for (size_t i = 0; i < r->n_steps; i++)
        sio_buf_fini(&r->steps[i].result);
    sio_task_cancel(&r->next);
    sio_link_remove(&r->link);
    free(r->steps);
    sio_buf_fini(&r->body);
    free(r);
}

void
sio_api_request_stop_all(sio_backends *b)
{
    for (sio_link *l = b->requests.next; l != &b->requests; l = l->next)
        stop_looking(SIO_CONTAINER(l, api_request, link));
}

void
sio_api_request_free_all(sio_backends *b)
{
    while (!sio_link_empty(&b->requests))
        api_request_free(SIO_CONTAINER(b->requests.next, api_request, link));
}

static void go_on(sio_task *next);

static void
on_client_gone(sio_exchange *x, const char *reason)
{
    api_request *r = x->owner;

    (void)reason;
    r->x = NULL;
}

static api_request *
api_request_new(sio_backends *b, sio_exchange *x, sio_backend_command_kind kind,
                const sio_cfg_api_key *key)
{
    api_request *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    *r = (api_request){.b = b,
                       .env = x->env,
                       .x = x,
                       .kind = kind,
                       .has_key = key != NULL,
                       .began_us = sio_now_us()};
    if (key != NULL)
        snprintf(r->key, sizeof r->key, "%s", key->name);
    sio_buf_init(&r->body, SIZE_MAX);
    sio_task_init(&r->next, go_on);
    sio_link_init(&r->link);
    sio_link_append(&b->requests, &r->link);
    x->owner = r;
    x->abandoned = on_client_gone;
    return r;
}

/* --- The answer. --- */

static void
measure(const api_request *r)
{
    sio_histogram_add(&r->env->measures.api_requests[r->kind], sio_now_us() - r->began_us);
}

/* r is gone afterwards. */
static void
answer(api_request *r, unsigned status, const sio_buf *json, bool is_replayed)
{
    measure(r);
    if (r->x != NULL)
        sio_api_reply(r->x, status, json, is_replayed ? "Idempotent-Replayed" : NULL,
                      SIO_VIEW("true"));
    api_request_free(r);
}

/* Against the request as a whole. */
static void
answer_error(api_request *r, const char *code, const char *at, const char *why)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_api_error_add(&json, code, "", at, why);
    answer(r, sio_api_error_status(code), &json, false);
    sio_buf_fini(&json);
}

static void
answer_batch(api_request *r)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_str(&json, "{\"results\":[");
    for (size_t i = 0; i < r->n_ended; i++) {
        sio_buf_add_str(&json, i > 0 ? "," : "");
        sio_buf_add_view(&json, sio_buf_view(&r->steps[i].result));
        json.failed = json.failed || r->steps[i].result.failed;
    }
    sio_buf_add_str(&json, "]}");
    if (!json.failed)
        sio_idempotency_keep(&r->once, sio_buf_view(&json));
    else
        sio_idempotency_drop(&r->once);
    answer(r, 200, &json, false);
    sio_buf_fini(&json);
}

/* The result of the only command; r, which has it, goes first. */
static void
answer_single(api_request *r)
{
    const unsigned status = r->steps[0].status;
    const bool     is_replayed = r->steps[0].is_replayed;
    sio_buf        json = r->steps[0].result;

    sio_buf_init(&r->steps[0].result, SIZE_MAX);
    answer(r, status, &json, is_replayed);
    sio_buf_fini(&json);
}

/* --- One command. --- */

/* What follows is done at the end of the turn: a command may end in the call that begins it. */
static void
end_step(api_step *step, unsigned status)
{
    api_request *r = step->r;

    step->status = status;
    r->has_failed |= status != 200;
    r->n_ended++;
    sio_deferred_add(&r->env->deferred, &r->next);
}

static void
fail_step(api_step *step, const char *code, const char *at, const char *why)
{
    const api_request *r = step->r;
    char               before[32] = "";

    if (is_batch(r))
        snprintf(before, sizeof before, "commands[%zu]", (size_t)(step - r->steps));
    sio_api_error_add(&step->result, code, before, at, why);
    sio_idempotency_drop(&step->once);
    end_step(step, sio_api_error_status(code));
}

static void
on_step_done(void *arg, const sio_outcome *outcome)
{
    api_step *step = arg;

    if (step->r->b->is_closed)
        return;
    if (outcome->code != NULL) {
        fail_step(step, outcome->code, outcome->at, outcome->why);
        return;
    }
    sio_buf_add_view(&step->result, outcome->json);
    sio_idempotency_keep(&step->once, outcome->json);
    end_step(step, 200);
}

static bool
may_run(api_step *step, const sio_backend_command *c)
{
    const api_request     *r = step->r;
    const sio_cfg_api_key *key = r->has_key ? sio_api_access_find(r->env, r->key) : NULL;

    if (r->has_key && key == NULL)
        fail_step(step, "forbidden", "", "the key is good no longer");
    else if (!sio_api_access_may(key, c))
        fail_step(step, "forbidden", "", "the key is not good for this command in this namespace");
    else if (!sio_api_access_take(&r->b->access, key))
        fail_step(step, "rate_limited", "", "\"max per second\" of the key is reached");
    else
        return true;
    return false;
}

/* False: the step has ended. */
static bool
read_step(api_step *step, sio_backend_command *c)
{
    const api_request        *r = step->r;
    sio_backend_command_error error;
    const int                 rc = sio_backend_command_read(c, step->json, r->kind, "/", &error);

    if (rc == SIO_ERR_NOMEM)
        fail_step(step, "out_of_memory", "", "there is no memory; try again later");
    else if (rc != SIO_OK)
        fail_step(step, rc == SIO_TOO_LARGE ? "too_large" : "bad_command", error.at, error.why);
    return rc == SIO_OK;
}

static void
fail_idempotency(api_step *step, sio_idempotency_verdict verdict)
{
    switch (verdict) {
    case SIO_IDEMPOTENCY_IN_PROGRESS:
        fail_step(step, "in_progress", "", "a request with this id is being done");
        break;
    case SIO_IDEMPOTENCY_REUSED:
        fail_step(step, "key_reused", "", "this id was that of another request");
        break;
    case SIO_IDEMPOTENCY_FULL:
        fail_step(step, "rate_limited", "", "too many requests with ids");
        break;
    default:
        fail_step(step, "cluster_unavailable", "", "Redis is away, so nothing was done; try again");
        break;
    }
}

/* It may be done now. Its text was good when it was read first. */
static void
run_step(api_step *step)
{
    api_request        *r = step->r;
    sio_backend_command c;

    r->env->stats.api_commands++;
    if (read_step(step, &c))
        sio_commands_run(r->env, &r->b->commands, &c, on_step_done, step);
    sio_backend_command_fini(&c);
}

static void
on_step_looked(sio_idempotency *once, sio_idempotency_verdict verdict, sio_view result)
{
    api_step *step = SIO_CONTAINER(once, api_step, once);

    step->r->is_looking = false;
    sio_deferred_add(&step->r->env->deferred, &step->r->next); /* the command may have to wait */
    if (verdict == SIO_IDEMPOTENCY_FRESH) {
        run_step(step);
    } else if (verdict == SIO_IDEMPOTENCY_DONE) {
        sio_buf_add_view(&step->result, result);
        step->is_replayed = true;
        end_step(step, 200);
    } else {
        fail_idempotency(step, verdict);
    }
}

/* With the id of a single command, or of one in a batch. Another kind of command is another. */
static void
look_for_step(api_step *step, const sio_backend_command *c, sio_view id)
{
    api_request   *r = step->r;
    const sio_view name = sio_view_of(sio_backend_command_names[c->kind]);
    sio_buf        what;

    r->is_looking = true;
    sio_buf_init(&what, SIZE_MAX);
    sio_buf_add_view(&what, name);
    sio_buf_add_view(&what, step->json);
    if (what.failed)
        on_step_looked(&step->once, SIO_IDEMPOTENCY_AWAY, (sio_view){NULL, 0});
    else
        sio_idempotency_begin(&step->once, r->env, &r->b->quota, sio_view_of(r->key), id,
                              sio_buf_view(&what), on_step_looked);
    sio_buf_fini(&what);
}

static void
begin_step(api_step *step)
{
    const api_request  *r = step->r;
    const sio_view      header = sio_view_of(r->id);
    sio_backend_command c;

    if (read_step(step, &c) && may_run(step, &c)) {
        const sio_view id = is_batch(r) || header.len == 0 ? c.id : header;

        if (id.len == 0)
            run_step(step);
        else
            look_for_step(step, &c, id);
    }
    sio_backend_command_fini(&c);
}

/* --- All of them. --- */

static bool
is_over(const api_request *r)
{
    const bool ends_here = r->n_begun == r->n_steps || (r->stops_on_error && r->has_failed);

    return ends_here && r->n_ended == r->n_begun;
}

static bool
may_begin_next(const api_request *r)
{
    if (r->n_begun == r->n_steps || r->is_looking)
        return false;
    return !r->stops_on_error || (r->n_ended == r->n_begun && !r->has_failed);
}

/* Begin what may begin, and answer when all is done. */
static void
go_on(sio_task *next)
{
    api_request *r = SIO_CONTAINER(next, api_request, next);

    if (r->b->is_closed)
        return;
    while (may_begin_next(r))
        begin_step(&r->steps[r->n_begun++]);
    if (!is_over(r))
        return;
    if (is_batch(r))
        answer_batch(r);
    else
        answer_single(r);
}

/* False: r has been answered. */
static bool
make_steps(api_request *r, size_t n)
{
    if (n > 0 && (r->steps = calloc(n, sizeof *r->steps)) == NULL) {
        answer_error(r, "out_of_memory", "", "there is no memory; try again later");
        return false;
    }
    r->n_steps = n;
    for (size_t i = 0; i < n; i++) {
        r->steps[i].r = r;
        sio_buf_init(&r->steps[i].result, SIZE_MAX);
    }
    return true;
}

static void
begin_single(api_request *r)
{
    if (!make_steps(r, 1))
        return;
    r->steps[0].json = sio_buf_view(&r->body);
    go_on(&r->next);
}

static void
on_batch_looked(sio_idempotency *once, sio_idempotency_verdict verdict, sio_view result)
{
    api_request *r = SIO_CONTAINER(once, api_request, once);
    sio_buf      json;

    if (verdict == SIO_IDEMPOTENCY_FRESH) {
        go_on(&r->next);
    } else if (verdict == SIO_IDEMPOTENCY_DONE) {
        sio_buf_init(&json, SIZE_MAX);
        sio_buf_add_view(&json, result);
        answer(r, 200, &json, true);
        sio_buf_fini(&json);
    } else if (verdict == SIO_IDEMPOTENCY_IN_PROGRESS) {
        answer_error(r, "in_progress", "", "a request with this id is being done");
    } else if (verdict == SIO_IDEMPOTENCY_REUSED) {
        answer_error(r, "key_reused", "", "this id was that of another request");
    } else if (verdict == SIO_IDEMPOTENCY_FULL) {
        answer_error(r, "rate_limited", "", "too many requests with ids");
    } else {
        answer_error(r, "cluster_unavailable", "", "Redis is away, so nothing was done; try again");
    }
}

static void
begin_batch(api_request *r)
{
    sio_backend_command_batch batch;
    sio_backend_command_error error;
    sio_json_iter             it;
    const int rc = sio_backend_command_batch_read(&batch, sio_buf_view(&r->body), &error);

    if (rc != SIO_OK) {
        answer_error(r, rc == SIO_TOO_LARGE ? "too_large" : "bad_command", error.at, error.why);
        return;
    }
    if (!make_steps(r, batch.n))
        return;
    r->stops_on_error = batch.stops_on_error;
    sio_json_read_array_begin(&it, batch.commands);
    for (size_t i = 0; i < batch.n; i++)
        (void)sio_json_read_array_next(&it, &r->steps[i].json);
    if (r->id[0] == '\0')
        go_on(&r->next);
    else
        sio_idempotency_begin(&r->once, r->env, &r->b->quota, sio_view_of(r->key),
                              sio_view_of(r->id), sio_buf_view(&r->body), on_batch_looked);
}

/* --- The request. --- */

/* False: it is not one that can be kept. */
static bool
read_id(api_request *r, const sio_http_request *head)
{
    sio_view id;

    if (!sio_http_header_get(head, "idempotency-key", &id))
        return true;
    if (id.len == 0 || id.len > SIO_BACKEND_MAX_ID)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (id.data[i] < 0x20 || id.data[i] >= 0x7f)
            return false;
    memcpy(r->id, id.data, id.len);
    return true;
}

static bool
is_json(const sio_http_request *head)
{
    const sio_view json = SIO_VIEW("application/json");
    sio_view       type = sio_http_header_value(head, "content-type");
    const char    *end = type.len > 0 ? memchr(type.data, ';', type.len) : NULL;

    if (end != NULL)
        type.len = (size_t)(end - type.data);
    type = sio_view_trim(type);
    return type.len == 0 || sio_view_eq_nocase(type, json);
}

/* What is wrong with it before its JSON is looked at; NULL: nothing. */
static const char *
find_fault(api_request *r, const sio_request *request, const char **why)
{
    *why = "";
    if (!request->head->has_content_length && !request->head->chunked) {
        *why = "there is no body; Content-Length is missing";
        return "length_required";
    }
    if (!is_json(request->head)) {
        *why = "Content-Type must be application/json";
        return "not_json";
    }
    if (!read_id(r, request->head)) {
        *why = "Idempotency-Key must be 1 to 128 printable ASCII characters";
        return "bad_request";
    }
    if (sio_json_validate(request->body, SIO_JSON_MAX_DEPTH) != SIO_OK) {
        *why = "the body is not valid JSON";
        return "bad_json";
    }
    return NULL;
}

void
sio_api_request_begin(sio_backends *b, sio_exchange *x, const sio_request *request,
                      sio_backend_command_kind kind, const sio_cfg_api_key *key)
{
    api_request *r = api_request_new(b, x, kind, key);
    const char  *code, *why;

    if (r == NULL) {
        sio_api_reply_refuse(x, "out_of_memory", "there is no memory; try again later");
        return;
    }
    if ((code = find_fault(r, request, &why)) != NULL) {
        answer_error(r, code, "", why);
        return;
    }
    sio_buf_add_view(&r->body, request->body);
    if (r->body.failed)
        answer_error(r, "out_of_memory", "", "there is no memory; try again later");
    else if (is_batch(r))
        begin_batch(r);
    else
        begin_single(r);
}
