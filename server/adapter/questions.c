/*
 * server/adapter/questions.c - what an application asks all instances: their clients, and which
 * sockets and rooms they have.
 */
#include <stdlib.h>

#include "server/adapter/survey.h"
#include "server/socketio/adapter.h"
#include "server/socketio/arguments.h"
#include "server/socketio/broadcast.h"
#include "server/socketio/describe.h"
#include "server/socketio/room_list.h"
#include "server/socketio/server_side.h"

/* --- Clients. --- */

static void
tell_answers(const sio_survey *v)
{
    v->fn.answers(v->nsp, &v->answers, v->arg);
}

/* Ask them all. 0, or -1 when out of memory or the arguments are not valid. */
static int
ask_clients(sio_survey *v, const sio_to *to, sio_view event, const sio_arguments *args,
            unsigned timeout_ms)
{
    const bool         is_volatile = to != NULL && to->is_volatile;
    const sio_adapter *others = sio_adapter_for(v->nsp, to);
    sio_receivers      receivers;
    sio_packet         p;
    int                rc;

    if (sio_receivers_init(&receivers, v->nsp, to) != 0)
        return -1;
    rc = sio_arguments_event_packet(v->nsp, event, args, &p);
    if (to != NULL && to->no_compress)
        p.no_compress = true;
    p.whole_answers = to != NULL && to->whole_answers;
    if (rc == 0 && !receivers.is_nobody && others != NULL && others->survey != NULL &&
        others->survey(v->nsp, &receivers.target, is_volatile, &p, v->number, timeout_ms) ==
            SIO_BAD)
        rc = -1;
    if (rc == 0 && !receivers.is_nobody) {
        sio_ack_group_begin(&v->ask, v->nsp, &receivers.target, is_volatile, &p);
        sio_survey_note_asked(v, v->ask.n_asked);
    }
    sio_receivers_fini(&receivers);
    return rc;
}

static int
ask(sio_namespace *nsp, const sio_to *to, sio_view event, const sio_arguments *args,
    unsigned timeout_ms, sio_answers_fn fn, void *arg)
{
    sio_survey *v = sio_survey_new(nsp, tell_answers, arg);

    if (v == NULL || ask_clients(v, to, event, args, timeout_ms) != 0) {
        sio_survey_free(v);
        return -1;
    }
    v->fn.answers = fn;
    sio_survey_run(v, timeout_ms);
    return 0;
}

int
sio_broadcast_ack_binary(sio_namespace *nsp, const sio_to *to, const char *event,
                         const char *args_json, const sio_bytes *attachments, size_t n,
                         unsigned timeout_ms, sio_answers_fn fn, void *arg)
{
    const sio_arguments args = {sio_view_of(args_json), attachments, n, false};

    return ask(nsp, to, sio_view_of(event), &args, timeout_ms, fn, arg);
}

int
sio_broadcast_ack(sio_namespace *nsp, const sio_to *to, const char *event, const char *args_json,
                  unsigned timeout_ms, sio_answers_fn fn, void *arg)
{
    return sio_broadcast_ack_binary(nsp, to, event, args_json, NULL, 0, timeout_ms, fn, arg);
}

int
sio_broadcast_ack_tree(sio_namespace *nsp, const sio_to *to, const char *event,
                       const struct cJSON *args, unsigned timeout_ms, sio_answers_fn fn, void *arg)
{
    char *text;
    int   rc = sio_arguments_print(nsp->env, args, &text);

    if (rc == 0)
        rc = sio_broadcast_ack(nsp, to, event, text, timeout_ms, fn, arg);
    sio_arguments_free_text(text);
    return rc;
}

int
sio_broadcast_ack_n(sio_namespace *nsp, const sio_to *to, const sio_content *c, unsigned timeout_ms,
                    sio_answers_fn fn, void *arg)
{
    sio_arguments args;

    if (c == NULL)
        return sio_arguments_no_content(nsp->env);
    args = sio_arguments_of_content(c);
    return ask(nsp, to, sio_arguments_event_of(c), &args, timeout_ms, fn, arg);
}

/* --- Applications. --- */

int
sio_server_side_emit_ack(sio_namespace *nsp, const char *event, const char *args_json,
                         unsigned timeout_ms, sio_answers_fn fn, void *arg)
{
    const sio_adapter *others = sio_adapter_for(nsp, NULL);
    sio_view           args;
    sio_survey        *v;

    if (sio_server_side_check(nsp, event, args_json, &args) != 0 ||
        (v = sio_survey_new(nsp, tell_answers, arg)) == NULL)
        return -1;
    v->fn.answers = fn;
    if (others != NULL && others->server_side != NULL &&
        others->server_side(nsp, sio_view_of(event), args, v->number, timeout_ms) == SIO_BAD) {
        sio_survey_free(v);
        return -1;
    }
    sio_survey_run(v, timeout_ms);
    return 0;
}

/* --- Sockets. --- */

static void
add_own(sio_socket *socket, void *arg)
{
    sio_survey *v = arg;
    sio_buf     json;

    sio_survey_note_asked(v, 1);
    sio_buf_init(&json, SIZE_MAX);
    sio_describe_socket(socket, &json);
    if (!json.failed)
        sio_survey_add(v, sio_buf_view(&json));
    sio_buf_fini(&json);
}

/* Lets others do their part of what is asked about those sockets. */
typedef int (*cast_fn)(sio_namespace *nsp, const sio_target *target, uint64_t number);

/* look: at each of those here. 0, or -1 when out of memory; then v is freed. */
static int
ask_about_sockets(sio_survey *v, const sio_to *to, void (*look)(sio_socket *socket, void *v),
                  cast_fn cast, unsigned timeout_ms)
{
    sio_receivers receivers;

    if (v == NULL || sio_receivers_init(&receivers, v->nsp, to) != 0) {
        sio_survey_free(v);
        return -1;
    }
    if (!receivers.is_nobody) {
        if (cast != NULL)
            (void)cast(v->nsp, &receivers.target, v->number);
        sio_rooms_walk(v->nsp, &receivers.target, look, v);
    }
    sio_receivers_fini(&receivers);
    sio_survey_run(v, timeout_ms);
    return 0;
}

int
sio_fetch(sio_namespace *nsp, const sio_to *to, unsigned timeout_ms, sio_answers_fn fn, void *arg)
{
    const sio_adapter *others = sio_adapter_for(nsp, to);
    sio_survey        *v = sio_survey_new(nsp, tell_answers, arg);

    if (v != NULL)
        v->fn.answers = fn;
    return ask_about_sockets(v, to, add_own, others != NULL ? others->fetch : NULL, timeout_ms);
}

static void
count_own(sio_socket *socket, void *v)
{
    (void)socket;
    sio_survey_note_asked(v, 1);
}

static void
tell_count(const sio_survey *v)
{
    const sio_count_result count = {
        .n_sockets = v->answers.n_asked,
        .n_instances = v->answers.n_instances,
        .n_reached = v->answers.n_reached,
    };

    v->fn.count(v->nsp, &count, v->arg);
}

int
sio_count(sio_namespace *nsp, const sio_to *to, unsigned timeout_ms, sio_count_fn fn, void *arg)
{
    const sio_adapter *others = sio_adapter_for(nsp, to);
    sio_survey        *v = sio_survey_new(nsp, tell_count, arg);

    if (v != NULL)
        v->fn.count = fn;
    return ask_about_sockets(v, to, count_own, others != NULL ? others->count : NULL, timeout_ms);
}

/* --- Rooms. --- */

enum { MAX_ROOMS = 10000 };

static void
tell_rooms(const sio_survey *v)
{
    const sio_view sizes = {v->answers.json, v->answers.len};
    sio_room_list list = {.n_instances = v->answers.n_instances, .n_reached = v->answers.n_reached};
    sio_room_size *rooms = sio_room_list_merge(sizes, v->answers.n_answered, &list.n_rooms);

    list.rooms = rooms;
    list.has_more = list.n_rooms > v->limit || v->answers.n_answered < v->answers.n_asked ||
                    (rooms == NULL && v->answers.n_answered > 0);
    list.n_rooms = list.n_rooms < v->limit ? list.n_rooms : v->limit;
    v->fn.rooms(v->nsp, &list, v->arg);
    sio_room_list_free(rooms);
}

static void
add_own_room(sio_view json, void *v)
{
    sio_survey_note_asked(v, 1);
    sio_survey_add(v, json);
}

/* One more than is wanted, to know whether there are more. */
int
sio_rooms(sio_namespace *nsp, const char *prefix, size_t limit, unsigned timeout_ms,
          sio_rooms_fn fn, void *arg)
{
    const sio_adapter *others = sio_adapter_for(nsp, NULL);
    sio_survey        *v = sio_survey_new(nsp, tell_rooms, arg);

    if (v == NULL || sio_adapter_check(nsp) != 0) {
        sio_survey_free(v);
        return -1;
    }
    v->fn.rooms = fn;
    v->limit = limit < MAX_ROOMS ? limit : MAX_ROOMS;
    if (sio_room_list_walk(nsp, sio_view_of(prefix), v->limit + 1, add_own_room, v) != 0) {
        sio_survey_free(v);
        return sio_env_fail_memory(nsp->env);
    }
    if (others != NULL && others->rooms != NULL)
        (void)others->rooms(nsp, sio_view_of(prefix), v->limit + 1, v->number);
    sio_survey_run(v, timeout_ms);
    return 0;
}
