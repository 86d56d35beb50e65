/*
 * tests/bench/load/fan_out.c - the scenarios "fan-out" and "relay": the first connection sends to a
 * room, all others are in it. An operation is one delivery.
 *
 * With --slow-reader the last connection is one more receiver, which stops to read while is
 * measured, and goes on afterwards. Nobody waits for it.
 */
#include "tests/bench/load/run.h"

#include <stdlib.h>
#include <string.h>

#include "tests/bench/load/payload.h"
#include "tests/bench/load/sequence.h"
#include "tests/bench/load/window.h"

#define ROOM "\"bench\""

typedef struct {
    window    window;
    sequence *receivers; /* by connection; the sender's stays empty */
    char     *args;      /* the room and the text */
    client   *slow;      /* NULL: none */
    bool      slow_has_ended;
    uint64_t  slow_until_ns; /* reads again, but is not waited for any longer */
    uint64_t  due_ns;        /* of the next message, with a rate */
} state;

static void
release(run *r)
{
    state *s = r->state;

    if (s == NULL)
        return;
    free(s->window.entries);
    free(s->receivers);
    free(s->args);
    free(s);
}

static int
prepare(run *r)
{
    const options *o = r->options;
    state         *s = r->state = calloc(1, sizeof *s);

    if (s == NULL)
        return -1;
    r->n_clients = 1 + o->connections + o->slow_reader;
    s->window.size = o->outstanding;
    s->window.entries = calloc(o->outstanding, sizeof *s->window.entries);
    s->receivers = calloc(r->n_clients, sizeof *s->receivers);
    s->args = malloc(sizeof ROOM "," + o->bytes + 3);
    if (s->window.entries == NULL || s->receivers == NULL || s->args == NULL)
        return -1;
    memcpy(s->args, ROOM ",", sizeof ROOM);
    return 0;
}

static void
greeted(run *r, client *c)
{
    if (c->number == 0)
        run_settled(r, c);
    else
        client_emit(c, "join", 0, ROOM);
}

static void
send_more(run *r)
{
    state   *s = r->state;
    uint64_t at_ns;

    while (run_is_sending(r) && window_has_room(&s->window)) {
        at_ns = run_clock_ns();
        if (r->options->rate > 0) {
            if (at_ns < s->due_ns)
                return;
            at_ns = s->due_ns; /* a message that had to wait for others is late from here */
            s->due_ns += run_seconds_ns(1 / r->options->rate);
        }
        payload_write(s->args + sizeof ROOM, r->options->bytes,
                      window_send(&s->window, r->options->connections, at_ns));
        client_emit(&r->clients[0], "room", PACKET_NO_ACK, s->args);
    }
}

static void
begin(run *r)
{
    state *s = r->state;

    s->due_ns = r->now_ns;
    if (r->options->slow_reader)
        s->slow = &r->clients[r->n_clients - 1];
    send_more(r);
}

static void
received(run *r, client *c, uint32_t number)
{
    state        *s = r->state;
    window_entry *entry;

    if (!sequence_add(&s->receivers[c->number], number) || c == s->slow)
        return;
    entry = window_find(&s->window, number);
    run_count(r, entry != NULL ? entry->sent_ns : 0);
    if (entry != NULL && --entry->waiting == 0)
        send_more(r);
}

static void
arrived(run *r, client *c, const packet *p)
{
    const state *s = r->state;
    uint32_t     number;

    if (p->type == PACKET_ACK && !c->is_settled)
        run_settled(r, c);
    if (!packet_is_event(p, "room"))
        return;
    if (payload_read(p->rest, p->rest_len, r->options->bytes, &number) != 0 ||
        number >= s->window.next || c->number == 0)
        r->results.damaged++;
    else
        received(r, c, number);
}

/* That a slow one is ended is an answer. */
static bool
lost(run *r, client *c)
{
    state *s = r->state;

    if (c != s->slow || s->slow == NULL)
        return false;
    s->slow_has_ended = true;
    return true;
}

static void
tick(run *r)
{
    state *s = r->state;

    if (s->slow != NULL && r->phase == PHASE_MEASURING && !s->slow->main.paused)
        stream_pause(&s->slow->main, true);
    r->results.timed_out +=
        window_expire(&s->window, r->now_ns - run_seconds_ns(r->options->timeout));
    send_more(r);
}

/* Let the slow one read the rest: all of it, or as much as comes in the time for a message. */
static bool
slow_is_done(run *r, state *s)
{
    if (s->slow == NULL || s->slow_has_ended)
        return true;
    if (s->slow_until_ns == 0) {
        s->slow_until_ns = r->now_ns + run_seconds_ns(r->options->timeout);
        stream_pause(&s->slow->main, false);
    }
    return s->receivers[s->slow->number].unique == s->window.next || r->now_ns > s->slow_until_ns;
}

static bool
is_drained(run *r)
{
    state *s = r->state;

    return window_is_empty(&s->window) && slow_is_done(r, s);
}

static const char *
slow_outcome(const run *r, const state *s)
{
    if (s->slow_has_ended)
        return "disconnected";
    return r->results.slow_received == r->results.sent ? "received all" : "lost some";
}

static void
finish(run *r)
{
    const state *s = r->state;

    r->results.sent = s->window.next;
    for (unsigned i = 1; i <= r->options->connections; i++) {
        r->results.received += s->receivers[i].unique;
        r->results.lost += sequence_lost(&s->receivers[i], s->window.next);
        r->results.doubled += s->receivers[i].doubled;
        r->results.reordered += s->receivers[i].reordered;
    }
    if (s->slow == NULL)
        return;
    r->results.slow_received = s->receivers[s->slow->number].unique;
    r->results.slow_reader = slow_outcome(r, s);
}

const scenario scenario_fan_out = {
    .prepare = prepare,
    .greeted = greeted,
    .arrived = arrived,
    .lost = lost,
    .begin = begin,
    .tick = tick,
    .is_drained = is_drained,
    .finish = finish,
    .release = release,
};
