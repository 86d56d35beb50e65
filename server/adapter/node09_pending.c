#include "server/adapter/node09_pending.h"

#include <stdlib.h>
#include <string.h>

#include "server/adapter/adapters.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"

enum {
    RETRY_MS = 1000,
    FIRST_WAIT_MS = 500,         /* between the first two rounds; then twice as long each time */
    MAX_ENDED_BYTES = 256 * 1024 /* of ids; Node keeps sessions whose end it is not told */
};

/* A session of which others may not have heard all. */
typedef struct {
    sio_hash_node node; /* in pending->sessions */
    sio_link      link; /* in pending->untold or pending->told */
    char          id[SIO_SESSION_ID_MAX + 1];
} doubt;

static sio_node09_pending *
pending_of(sio_env *env)
{
    return &env->adapters->node09.pending;
}

static bool
is_sure(sio_env *env)
{
    return env->cluster->up && sio_timer_wheel_now_ms(&env->timers) >= pending_of(env)->sure_ms;
}

/* Redis is there, but takes nothing more at the moment. */
static void
begin_to_doubt(sio_env *env)
{
    if (is_sure(env))
        sio_node09_pending_begin(env, sio_timer_wheel_now_ms(&env->timers) + SIO_NODE09_DOUBT_MS,
                                 RETRY_MS);
}

/* --- Sessions. --- */

static doubt *
find_doubt(const sio_node09_pending *p, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&p->sessions, id);

    return node != NULL ? SIO_CONTAINER(node, doubt, node) : NULL;
}

/* NULL: out of memory. */
static doubt *
doubt_new(sio_node09_pending *p, sio_view id)
{
    doubt *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    memcpy(d->id, id.data, id.len);
    d->node.key = (sio_view){d->id, id.len};
    sio_link_init(&d->link);
    sio_hash_insert(&p->sessions, &d->node);
    return d;
}

static void
doubt_free(sio_node09_pending *p, doubt *d)
{
    sio_hash_remove(&p->sessions, &d->node);
    sio_link_remove(&d->link);
    free(d);
}

void
sio_node09_pending_note_told(sio_session *session, bool is_told)
{
    sio_env            *env = session->env;
    sio_node09_pending *p = pending_of(env);
    doubt              *d;

    if (is_told && is_sure(env))
        return;
    d = find_doubt(p, session->node.key);
    if (d == NULL && (d = doubt_new(p, session->node.key)) == NULL) {
        sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, session->id,
                            "out of memory: processes of Node are not told of it again");
        return;
    }
    sio_link_remove(&d->link); /* it may have been told in this round, but not that */
    sio_link_append(&p->untold, &d->link);
    if (!is_told)
        begin_to_doubt(env);
}

sio_view
sio_node09_pending_untold(const sio_node09_pending *p)
{
    if (sio_link_empty(&p->untold))
        return SIO_VIEW("");
    return SIO_CONTAINER(p->untold.next, doubt, link)->node.key;
}

void
sio_node09_pending_pass(sio_node09_pending *p)
{
    sio_link *first = p->untold.next;

    sio_link_remove(first);
    sio_link_append(&p->told, first);
}

/* --- Ends. --- */

void
sio_node09_pending_note_end(sio_env *env, sio_view id, bool is_told)
{
    sio_node09_pending *p = pending_of(env);
    doubt              *d = find_doubt(p, id);
    sio_buf            *ended = &p->ended;

    if (d != NULL)
        doubt_free(p, d);
    if (is_told && is_sure(env))
        return;
    if (ended->len + id.len + 1 > MAX_ENDED_BYTES || !sio_buf_reserve(ended, id.len + 1)) {
        ended->failed = false; /* the next one may find memory */
        env->stats.untold_ends++;
        return;
    }
    sio_buf_add_view(ended, id);
    sio_buf_add_char(ended, '\n');
    if (!is_told)
        begin_to_doubt(env);
}

sio_view
sio_node09_pending_untold_end(const sio_node09_pending *p)
{
    const char *id, *feed;

    if (p->n_ended_told >= p->ended.len)
        return SIO_VIEW("");
    id = p->ended.data + p->n_ended_told;
    feed = memchr(id, '\n', p->ended.len - p->n_ended_told);
    return (sio_view){id, (size_t)(feed - id)};
}

void
sio_node09_pending_pass_end(sio_node09_pending *p)
{
    p->n_ended_told += sio_node09_pending_untold_end(p).len + 1;
}

/* --- Rounds. --- */

static void
begin_round(sio_node09_pending *p)
{
    sio_link_move(&p->untold, &p->told);
    p->n_ended_told = 0;
}

void
sio_node09_pending_begin(sio_env *env, uint64_t until_ms, unsigned delay_ms)
{
    sio_node09_pending *p = pending_of(env);

    p->sure_ms = until_ms;
    p->wait_ms = FIRST_WAIT_MS;
    begin_round(p);
    sio_timer_set(&env->timers, &p->timer, delay_ms);
}

void
sio_node09_pending_next_round(sio_env *env)
{
    sio_node09_pending *p = pending_of(env);
    const uint64_t      now_ms = sio_timer_wheel_now_ms(&env->timers);

    begin_round(p);
    sio_timer_set(&env->timers, &p->timer,
                  now_ms + p->wait_ms < p->sure_ms ? p->wait_ms : (unsigned)(p->sure_ms - now_ms));
    p->wait_ms *= 2;
}

/* --- Life. --- */

int
sio_node09_pending_init(sio_node09_pending *p)
{
    sio_link_init(&p->untold);
    sio_link_init(&p->told);
    sio_buf_init(&p->ended, SIZE_MAX);
    return sio_hash_init(&p->sessions);
}

void
sio_node09_pending_clear(sio_node09_pending *p)
{
    sio_hash_node *node;

    while ((node = sio_hash_any(&p->sessions)) != NULL)
        doubt_free(p, SIO_CONTAINER(node, doubt, node));
    sio_buf_fini(&p->ended);
    p->n_ended_told = 0;
}

void
sio_node09_pending_fini(sio_node09_pending *p)
{
    sio_node09_pending_clear(p);
    sio_hash_fini(&p->sessions);
}
