#include "server/spread.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/engine/engine.h"
#include "server/roaming/proxy_session.h"

enum {
    TURN_MS = 16,
    LONGEST_GAP_US = 1000000,
    MOST_LOOKED_AT = 1000, /* in a turn: others are to be served between */
    /*
     * A loop that was late makes up for it, but clients that come back must not notice: a tenth
     * more than usual is the most, and so much of it at once. In any second that is less than 1.3
     * times what it is in all others.
     */
    PER_MS_US = 1100,
    MOST_AT_ONCE_MS = 190
};

static const char reason[] = "server shutting down";

/* --- What is to end. --- */

static void
note(sio_spread *s, sio_view id, uint64_t number)
{
    sio_parting *p = &s->partings[s->n++];

    p->number = number;
    memcpy(p->id, id.data, id.len);
    p->id[id.len] = '\0';
}

static void
note_stream(void *arg, uint64_t number)
{
    note(arg, SIO_VIEW(""), number);
}

static void
count_stream(void *arg, uint64_t number)
{
    (void)number;
    ++*(size_t *)arg;
}

/*
 * Whatever is there now. The order of the tables is random: their seeds are. Without memory there
 * is nothing to end slowly, and the stop that follows ends all.
 */
static void
note_all(sio_spread *s)
{
    sio_hash *sessions = &s->env->engine->sessions;
    size_t    n_streams = 0;

    sio_proxy_session_each_stream(s->env, count_stream, &n_streams);
    free(s->partings);
    s->partings = calloc(sessions->n_items + n_streams + 1, sizeof *s->partings);
    s->n = s->next = s->n_put_off = 0;
    if (s->partings == NULL)
        return;
    sio_proxy_session_each_stream(s->env, note_stream, s);
    for (sio_hash_node *n = NULL; (n = sio_hash_next(sessions, n)) != NULL;)
        if (!SIO_CONTAINER(n, sio_session, node)->ended) /* else it waits for its last poll */
            note(s, n->key, 0);
}

/* --- Ending. --- */

typedef enum { ENDED, PUT_OFF, GONE } outcome;

static outcome
end_session(const sio_spread *s, const sio_parting *p)
{
    sio_session *session = sio_session_find(s->env, sio_view_of(p->id));

    if (session == NULL || session->ended)
        return GONE;
    if (!s->is_last_round && sio_session_is_busy(session))
        return PUT_OFF;
    sio_session_send_away(session, reason);
    return ENDED;
}

static outcome
end_parting(const sio_spread *s, const sio_parting *p)
{
    if (p->number == 0)
        return end_session(s, p);
    return sio_proxy_session_end_stream(s->env, p->number) ? ENDED : GONE;
}

/* Those that were put off are next; or those that have come in the meantime. */
static void
begin_next_round(sio_spread *s)
{
    if (s->n_put_off == 0)
        note_all(s);
    else
        s->n = s->n_put_off;
    s->next = s->n_put_off = 0;
    s->is_last_round = true;
}

/* The next one that can end, if there is one among so many. */
static outcome
end_next(sio_spread *s, unsigned *n_to_look_at)
{
    outcome what = GONE;

    while (what != ENDED && *n_to_look_at > 0 && s->next < s->n) {
        const sio_parting p = s->partings[s->next++];

        --*n_to_look_at;
        what = end_parting(s, &p);
        if (what == PUT_OFF)
            s->partings[s->n_put_off++] = p;
    }
    if (s->next == s->n && s->n > 0)
        begin_next_round(s);
    return what;
}

/* Two accounts grow with the time: what ends are owed, and what clients are to bear at once. */
static void
note_time(sio_spread *s)
{
    const uint64_t now_ms = sio_timer_wheel_now_ms(&s->env->timers);
    const uint64_t passed_ms = now_ms - s->turn_ms;
    const uint64_t most_us = (uint64_t)MOST_AT_ONCE_MS * 1000 + s->gap_us;

    s->turn_ms = now_ms;
    s->owed_us += passed_ms * 1000;
    s->allowed_us += passed_ms * PER_MS_US;
    if (s->allowed_us > most_us)
        s->allowed_us = most_us;
}

static void
end_some(sio_spread *s)
{
    unsigned n_to_look_at = MOST_LOOKED_AT;

    note_time(s);
    while (s->n > 0 && s->owed_us >= s->gap_us && s->allowed_us >= s->gap_us) {
        if (end_next(s, &n_to_look_at) != ENDED)
            break;
        s->owed_us -= s->gap_us;
        s->allowed_us -= s->gap_us;
    }
}

static void
spread_turn(sio_spread *s)
{
    end_some(s);
    if (s->n > 0) {
        sio_timer_set(&s->env->timers, &s->timer, TURN_MS);
        return;
    }
    void (*done)(void *arg) = s->done;

    sio_spread_cancel(s);
    if (done != NULL) /* the application may have stopped the server in the meantime */
        done(s->arg);
}

static void
on_spread_timer(sio_timer *timer)
{
    spread_turn(SIO_CONTAINER(timer, sio_spread, timer));
}

size_t
sio_spread_begin(sio_spread *s, sio_env *env, unsigned window_ms, void (*done)(void *arg),
                 void *arg)
{
    size_t n;

    *s = (sio_spread){.env = env,
                      .timer.fire = on_spread_timer,
                      .turn_ms = sio_timer_wheel_now_ms(&env->timers),
                      .done = done,
                      .arg = arg};
    note_all(s);
    n = s->n;
    s->gap_us = n > 0 ? (uint64_t)window_ms * 1000 / n : 0;
    if (s->gap_us > LONGEST_GAP_US)
        s->gap_us = LONGEST_GAP_US;
    spread_turn(s);
    return n;
}

void
sio_spread_cancel(sio_spread *s)
{
    if (s->env != NULL)
        sio_timer_cancel(&s->env->timers, &s->timer);
    free(s->partings);
    s->partings = NULL;
    s->n = 0;
    s->done = NULL;
}
