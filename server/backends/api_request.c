#include "server/backends/api_request.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "server/backends/api_error.h"
#include "server/backends/api_reply.h"
#include "server/backends/api_steps.h"
#include "store/clock.h"

typedef struct {
    sio_link        link; /* in b->requests */
    sio_backends   *b;
    sio_exchange   *x; /* NULL: the client has gone */
    uint64_t        began_us;
    sio_buf         body; /* a copy: the request itself lives during one call */
    sio_api_steps   steps;
    sio_idempotency once; /* of a batch, if it has an id */
} api_request;

static bool
is_batch_request(const api_request *r)
{
    return r->steps.kind == SIO_N_BACKEND_COMMANDS;
}

/* Whoever asked may have gone, so their connections are no bound. */
enum { MAX_REQUEST_BYTES = 64 * 1024 * 1024 };

/* --- Life. --- */

/* Nobody tells any more whether it was done already. */
static void
stop_looking(api_request *r)
{
    sio_api_steps_stop(&r->steps);
    sio_idempotency_cancel(&r->once);
}

static void
api_request_free(api_request *r)
{
    stop_looking(r);
    sio_api_steps_fini(&r->steps);
    sio_link_remove(&r->link);
    r->b->n_request_bytes -= r->body.cap;
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

static void answer_steps(sio_api_steps *steps);

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
    *r = (api_request){.b = b, .x = x, .began_us = sio_now_us()};
    sio_api_steps_init(&r->steps, b, x->env, kind, key, answer_steps);
    sio_buf_init(&r->body, SIZE_MAX);
    sio_link_init(&r->link);
    sio_link_append(&b->requests, &r->link);
    x->owner = r;
    x->abandoned = on_client_gone;
    return r;
}

/* --- The answer. --- */

static void
measure_request(const api_request *r)
{
    sio_histogram_add(&r->steps.env->measures.api_requests[r->steps.kind],
                      sio_now_us() - r->began_us);
}

/* r is gone afterwards. */
static void
answer_request(api_request *r, unsigned status, const sio_buf *json, bool is_replayed)
{
    measure_request(r);
    if (r->x != NULL)
        sio_api_reply(r->x, status, json, is_replayed ? "Idempotent-Replayed" : NULL,
                      SIO_VIEW("true"));
    api_request_free(r);
}

/* Against the request as a whole. */
static void
answer_request_error(api_request *r, const char *code, const char *at, const char *why)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_api_error_add(&json, code, "", at, why);
    answer_request(r, sio_api_error_status(code), &json, false);
    sio_buf_fini(&json);
}

static void
answer_batch(api_request *r)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_str(&json, "{\"results\":[");
    for (size_t i = 0; i < r->steps.n_ended; i++) {
        sio_buf_add_str(&json, i > 0 ? "," : "");
        sio_buf_add_view(&json, sio_buf_view(&r->steps.list[i].result));
        json.failed = json.failed || r->steps.list[i].result.failed;
    }
    sio_buf_add_str(&json, "]}");
    if (!json.failed)
        sio_idempotency_keep(&r->once, sio_buf_view(&json));
    else
        sio_idempotency_drop(&r->once);
    answer_request(r, 200, &json, false);
    sio_buf_fini(&json);
}

/* The result of the only command; r, which has it, goes first. */
static void
answer_single(api_request *r)
{
    sio_api_step  *step = &r->steps.list[0];
    const unsigned status = step->status;
    const bool     is_replayed = step->is_replayed;
    sio_buf        json = step->result;

    sio_buf_init(&step->result, SIZE_MAX);
    answer_request(r, status, &json, is_replayed);
    sio_buf_fini(&json);
}

static void
answer_steps(sio_api_steps *steps)
{
    api_request *r = SIO_CONTAINER(steps, api_request, steps);

    if (is_batch_request(r))
        answer_batch(r);
    else
        answer_single(r);
}

/* --- Its commands. --- */

static void
answer_no_memory(api_request *r)
{
    answer_request_error(r, "out_of_memory", "", "there is no memory; try again later");
}

static void
begin_single_request(api_request *r)
{
    if (!sio_api_steps_make(&r->steps, 1)) {
        answer_no_memory(r);
        return;
    }
    r->steps.list[0].json = sio_buf_view(&r->body);
    sio_api_steps_run(&r->steps);
}

static void
on_batch_looked(sio_idempotency *once, sio_idempotency_verdict verdict, sio_view result)
{
    api_request *r = SIO_CONTAINER(once, api_request, once);
    const char  *code, *why;
    sio_buf      json;

    if (verdict == SIO_IDEMPOTENCY_FRESH) {
        sio_api_steps_run(&r->steps);
    } else if (verdict == SIO_IDEMPOTENCY_DONE) {
        sio_buf_init(&json, SIZE_MAX);
        sio_buf_add_view(&json, result);
        answer_request(r, 200, &json, true);
        sio_buf_fini(&json);
    } else {
        code = sio_api_error_of_verdict(verdict, &why);
        answer_request_error(r, code, "", why);
    }
}

static void
begin_batch_request(api_request *r)
{
    sio_backend_command_batch batch;
    sio_backend_command_error error;
    sio_json_iter             it;
    const int rc = sio_backend_command_batch_read(&batch, sio_buf_view(&r->body), &error);

    if (rc != SIO_OK) {
        answer_request_error(r, rc == SIO_TOO_LARGE ? "too_large" : "bad_command", error.at,
                             error.why);
        return;
    }
    if (!sio_api_steps_make(&r->steps, batch.n)) {
        answer_no_memory(r);
        return;
    }
    r->steps.stops_on_error = batch.stops_on_error;
    sio_json_read_array_begin(&it, batch.commands);
    for (size_t i = 0; i < batch.n; i++)
        (void)sio_json_read_array_next(&it, &r->steps.list[i].json);
    if (r->steps.id[0] == '\0')
        sio_api_steps_run(&r->steps);
    else
        sio_idempotency_begin(&r->once, r->steps.env, &r->b->quota, sio_view_of(r->steps.key),
                              sio_view_of(r->steps.id), sio_buf_view(&r->body), on_batch_looked);
}

/* --- The request. --- */

/* False: it is not one that can be kept. */
static bool
read_request_id(api_request *r, const sio_http_request *head)
{
    sio_view id;

    if (!sio_http_header_get(head, "idempotency-key", &id))
        return true;
    if (id.len == 0 || id.len > SIO_BACKEND_MAX_ID)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (id.data[i] < 0x20 || id.data[i] >= 0x7f)
            return false;
    memcpy(r->steps.id, id.data, id.len);
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
    if (!read_request_id(r, request->head)) {
        *why = "Idempotency-Key must be 1 to 128 printable ASCII characters";
        return "bad_request";
    }
    if (sio_json_validate(request->body, SIO_JSON_MAX_DEPTH) != SIO_OK) {
        *why = "the body is not valid JSON";
        return "bad_json";
    }
    return NULL;
}

/* One is taken, however long it is. What its commands take is known only when they are read. */
static bool
has_room(const sio_backends *b, size_t n_bytes)
{
    return b->n_request_bytes == 0 || (b->n_request_bytes < MAX_REQUEST_BYTES &&
                                       n_bytes <= MAX_REQUEST_BYTES - b->n_request_bytes);
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
        answer_request_error(r, code, "", why);
        return;
    }
    if (!has_room(b, request->body.len)) {
        answer_request_error(r, "busy", "", "too many requests wait for answers; try again later");
        return;
    }
    sio_buf_add_view(&r->body, request->body);
    b->n_request_bytes += r->body.cap;
    if (r->body.failed)
        answer_no_memory(r);
    else if (is_batch_request(r))
        begin_batch_request(r);
    else
        begin_single_request(r);
}
