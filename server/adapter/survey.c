#include "server/adapter/survey.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "server/adapter/adapters.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"

/* Clients decide how long an answer is. */
enum {
    MAX_BYTES = 64 * 1024 * 1024,     /* for a question */
    MAX_ALL_BYTES = 128 * 1024 * 1024 /* for all that wait for answers */
};

/* Another instance that was asked. */
typedef struct {
    sio_link    in_survey;
    sio_link    in_peer;
    sio_survey *survey;
    sio_peer   *peer;
    uint64_t    n_due; /* answers that it has announced and not given */
    bool        has_spoken;
    bool        is_done; /* it stays, so that it is known if it says more */
} respondent;

static respondent *
respondent_at(sio_link *l)
{
    return SIO_CONTAINER(l, respondent, in_survey);
}

/* --- Beginning. --- */

sio_survey *
sio_survey_find(sio_env *env, uint64_t number)
{
    const sio_view key = {(const char *)&number, sizeof number};
    sio_hash_node *node = sio_hash_find(&env->adapters->surveys_by_number, key);

    return node != NULL ? SIO_CONTAINER(node, sio_survey, node) : NULL;
}

static void on_survey_time_is_up(sio_timer *timer);
static void on_survey_answer(sio_ack_group *ask, const sio_ack_answer *answer);
static void on_survey_all_answered(sio_ack_group *ask);

sio_survey *
sio_survey_new(sio_namespace *nsp, void (*tell)(const sio_survey *v), void *arg)
{
    sio_env    *env = nsp->env;
    sio_survey *v = env->adapters->is_closed ? NULL : calloc(1, sizeof *v);

    if (v == NULL) {
        (void)sio_env_fail(env, env->adapters->is_closed ? "the server is being freed"
                                                         : "out of memory");
        return NULL;
    }
    v->nsp = sio_namespace_hold(nsp);
    v->tell = tell;
    v->arg = arg;
    v->answers.n_instances = v->answers.n_reached = 1;
    v->ask.answered = on_survey_answer;
    v->ask.ended = on_survey_all_answered;
    v->timer.fire = on_survey_time_is_up;
    v->number = ++env->last_number;
    v->node.key = (sio_view){(const char *)&v->number, sizeof v->number};
    sio_ack_group_init(&v->ask);
    sio_link_init(&v->respondents);
    sio_link_init(&v->link);
    sio_link_append(&env->adapters->surveys, &v->link);
    sio_hash_insert(&env->adapters->surveys_by_number, &v->node);
    sio_buf_init(&v->json, MAX_BYTES);
    sio_buf_add_char(&v->json, '[');
    env->stats.surveys++;
    return v;
}

void
sio_survey_note_asked(sio_survey *v, size_t n)
{
    v->answers.n_asked += n;
}

static bool
survey_has_room(const sio_survey *v, size_t n_bytes)
{
    const size_t n_all = v->nsp->env->adapters->n_survey_bytes;

    return n_bytes + 2 <= v->json.max - v->json.len && n_all < MAX_ALL_BYTES &&
           n_bytes <= MAX_ALL_BYTES - n_all;
}

/* One that does not fit is as good as none; the bracket always does. */
void
sio_survey_add(sio_survey *v, sio_view json)
{
    sio_env     *env = v->nsp->env;
    const size_t len_before = v->json.len;

    if (v->json.failed)
        return;
    if (!survey_has_room(v, json.len)) {
        env->stats.backlog_full++;
        return;
    }
    if (v->answers.n_answered > 0)
        sio_buf_add_char(&v->json, ',');
    sio_buf_add_view(&v->json, json);
    v->answers.n_answered++;
    env->adapters->n_survey_bytes += v->json.len - len_before;
    v->n_bytes += v->json.len - len_before;
}

static respondent *
expect(sio_survey *v, sio_peer *peer)
{
    respondent *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->survey = v;
    r->peer = peer;
    sio_link_init(&r->in_survey);
    sio_link_init(&r->in_peer);
    sio_link_append(&v->respondents, &r->in_survey);
    sio_link_append(&peer->lists[SIO_PEER_SURVEYS], &r->in_peer);
    v->n_silent++;
    return r;
}

int
sio_survey_note_cast(sio_env *env, uint64_t number, int rc)
{
    sio_survey *v = sio_survey_find(env, number);
    sio_link   *peers = &env->cluster->peer_list;

    if (v == NULL)
        return rc;
    v->is_cast = rc == SIO_OK;
    for (sio_link *l = peers->next; l != peers; l = l->next) {
        v->answers.n_instances++;
        if (v->is_cast) /* without memory it is not waited for */
            (void)expect(v, SIO_CONTAINER(l, sio_peer, link));
    }
    sio_peers_await(env);
    return rc;
}

static bool
is_over(const sio_survey *v)
{
    return v->n_silent == 0 && sio_ack_group_is_over(&v->ask);
}

void
sio_survey_run(sio_survey *v, unsigned timeout_ms)
{
    sio_timer_set(&v->nsp->env->timers, &v->timer, is_over(v) ? 0 : timeout_ms);
}

/* --- The end. --- */

static void
respondent_free(respondent *r)
{
    if (!r->is_done)
        r->survey->n_silent--;
    sio_link_remove(&r->in_survey);
    sio_link_remove(&r->in_peer);
    free(r);
}

/* Nothing that happens from now on is about it. */
static void
survey_detach(sio_survey *v)
{
    sio_env *env = v->nsp->env;

    sio_ack_group_stop(&v->ask);
    while (!sio_link_empty(&v->respondents))
        respondent_free(respondent_at(v->respondents.next));
    sio_timer_cancel(&env->timers, &v->timer);
    sio_link_remove(&v->link);
    sio_hash_remove(&env->adapters->surveys_by_number, &v->node);
    env->stats.surveys--;
}

static void
survey_release(sio_survey *v)
{
    v->nsp->env->adapters->n_survey_bytes -= v->n_bytes;
    sio_buf_fini(&v->json);
    free(v->strangers.prefix);
    sio_namespace_release(v->nsp);
    free(v);
}

void
sio_survey_free(sio_survey *v)
{
    if (v == NULL)
        return;
    survey_detach(v);
    survey_release(v);
}

static void
survey_finish(sio_survey *v)
{
    survey_detach(v); /* first: the application may do anything */
    sio_buf_add_char(&v->json, ']');
    v->answers.json = v->json.failed ? "[]" : v->json.data;
    v->answers.len = v->json.failed ? 2 : v->json.len;
    if (v->json.failed)
        v->answers.n_answered = 0;
    v->tell(v);
    survey_release(v);
}

void
sio_survey_finish_all(sio_env *env)
{
    while (!sio_link_empty(&env->adapters->surveys))
        survey_finish(SIO_CONTAINER(env->adapters->surveys.next, sio_survey, link));
}

static void
on_survey_time_is_up(sio_timer *timer)
{
    survey_finish(SIO_CONTAINER(timer, sio_survey, timer));
}

/* --- Clients of this instance. --- */

/* One that does not fit is as good as none. */
static void
on_survey_answer(sio_ack_group *ask, const sio_ack_answer *answer)
{
    sio_buf json;

    sio_buf_init(&json, SIO_ACK_ANSWER_MAX_BYTES);
    sio_ack_answer_add(answer, &json);
    if (!json.failed)
        sio_survey_add(SIO_CONTAINER(ask, sio_survey, ask), sio_buf_view(&json));
    sio_buf_fini(&json);
}

static void
on_survey_all_answered(sio_ack_group *ask)
{
    sio_survey *v = SIO_CONTAINER(ask, sio_survey, ask);

    if (is_over(v))
        survey_finish(v);
}

/* --- Other instances. --- */

/* One that has begun a moment ago may hear the question before it is known here. */
static respondent *
respondent_of(sio_survey *v, sio_peer *peer)
{
    for (sio_link *l = v->respondents.next; l != &v->respondents; l = l->next)
        if (respondent_at(l)->peer == peer)
            return respondent_at(l);
    if (!v->is_cast)
        return NULL;
    v->answers.n_instances++;
    return expect(v, peer);
}

static void
take_count(respondent *r, uint64_t count)
{
    sio_survey *v = r->survey;

    r->has_spoken = true;
    r->n_due = count <= UINT32_MAX ? count : 0; /* no instance has so many clients */
    sio_survey_note_asked(v, (size_t)r->n_due);
    v->answers.n_reached++;
}

static void
take_answers(respondent *r, sio_view list)
{
    sio_stats *stats = &r->peer->env->stats;
    sio_view   json;

    while (sio_cluster_message_next_packet(&list, &json, NULL)) {
        if (r->n_due == 0) {
            stats->unasked_answers++;
        } else if (sio_json_validate(json, SIO_JSON_MAX_DEPTH) != SIO_OK) {
            stats->bad_messages++;
        } else {
            r->n_due--;
            sio_survey_add(r->survey, json);
        }
    }
}

/* The application may be told in this call. */
static void
survey_hear(sio_peer *peer, const sio_cluster_message *m)
{
    sio_survey *v = sio_survey_find(peer->env, m->channel);
    respondent *r = v != NULL ? respondent_of(v, peer) : NULL;

    if (r == NULL || r->is_done) {
        peer->env->stats.unasked_answers++;
        return;
    }
    if (!r->has_spoken)
        take_count(r, m->count);
    take_answers(r, m->packets);
    if ((m->flags & SIO_CM_LAST) == 0)
        return;
    r->is_done = true;
    v->n_silent--;
    if (is_over(v))
        survey_finish(v);
}

/* --- Strangers. --- */

void
sio_survey_await_strangers(sio_survey *v, int what)
{
    v->strangers.is_asked = true;
    v->strangers.what = what;
    v->n_silent++; /* all of them are one here */
}

/* The end comes with a timer: whoever hears them is not done with what was said. */
static void
look_at_strangers(sio_survey *v)
{
    sio_survey_strangers *s = &v->strangers;

    if (s->is_done || !s->is_counted || s->n_said < s->n_expected || s->n_due > 0)
        return;
    s->is_done = true;
    v->n_silent--;
    if (is_over(v))
        sio_timer_set(&v->nsp->env->timers, &v->timer, 0);
}

void
sio_survey_count_strangers(sio_survey *v, size_t n)
{
    v->strangers.is_counted = true;
    v->strangers.n_expected = n;
    v->answers.n_instances += n;
    look_at_strangers(v);
}

void
sio_survey_stranger_said(sio_survey *v, size_t n, bool are_due)
{
    v->strangers.n_said++;
    v->strangers.n_due += are_due ? n : 0;
    v->answers.n_reached++;
    sio_survey_note_asked(v, n);
    look_at_strangers(v);
}

void
sio_survey_stranger_answered(sio_survey *v, sio_view json)
{
    if (v->strangers.n_due == 0) {
        v->nsp->env->stats.unasked_answers++;
        return;
    }
    v->strangers.n_due--;
    sio_survey_add(v, json);
    look_at_strangers(v);
}

int
sio_survey_keep_prefix(sio_survey *v, sio_view prefix)
{
    v->strangers.prefix = strndup(prefix.len > 0 ? prefix.data : "", prefix.len);
    return v->strangers.prefix != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

static bool
survey_awaits(const sio_peer *peer)
{
    return !sio_link_empty(&peer->lists[SIO_PEER_SURVEYS]);
}

/* It is not waited for. It stays in the list, so that it is known should it come back and speak. */
static void
survey_peer_away(sio_peer *peer)
{
    const sio_link *list = &peer->lists[SIO_PEER_SURVEYS];

    for (sio_link *l = list->next; l != list; l = l->next) {
        respondent *r = SIO_CONTAINER(l, respondent, in_peer);

        if (r->is_done)
            continue;
        r->is_done = true;
        r->survey->n_silent--;
        if (is_over(r->survey))
            sio_timer_set(&peer->env->timers, &r->survey->timer, 0);
    }
}

/* Its end comes with a timer: an application that asks again at once would ask the same peer. */
static void
survey_peer_gone(sio_peer *peer)
{
    while (!sio_link_empty(&peer->lists[SIO_PEER_SURVEYS])) {
        respondent *r = SIO_CONTAINER(peer->lists[SIO_PEER_SURVEYS].next, respondent, in_peer);
        sio_survey *v = r->survey;

        respondent_free(r);
        if (is_over(v))
            sio_timer_set(&peer->env->timers, &v->timer, 0);
    }
}

static const char kinds[] = {SIO_CM_ANSWER, 0};

const sio_cluster_module sio_survey_module = {
    .kinds = kinds,
    .hear = survey_hear,
    .awaits = survey_awaits,
    .peer_away = survey_peer_away,
    .peer_gone = survey_peer_gone,
};
