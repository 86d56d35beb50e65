/*
 * tests/bench/load/echo.c - the scenario "echo": each connection keeps some echoes under way. An
 * operation is an echo that has come back, by an acknowledgement or by an event.
 */
#include "tests/bench/load/run.h"

#include <stdlib.h>

#include "tests/bench/load/payload.h"
#include "tests/bench/load/sequence.h"
#include "tests/bench/load/window.h"

typedef struct {
    window   window;
    sequence back;
} talk;

typedef struct {
    talk         *talks;   /* one for each connection */
    window_entry *entries; /* of all windows */
    char         *text;
} state;

static void
release(run *r)
{
    state *s = r->state;

    if (s == NULL)
        return;
    free(s->talks);
    free(s->entries);
    free(s->text);
    free(s);
}

static int
prepare(run *r)
{
    const unsigned k = r->options->outstanding;
    state         *s = r->state = calloc(1, sizeof *s);

    if (s == NULL || (s->talks = calloc(r->n_clients, sizeof *s->talks)) == NULL ||
        (s->entries = calloc((size_t)r->n_clients * k, sizeof *s->entries)) == NULL ||
        (s->text = malloc(r->options->bytes + 3)) == NULL)
        return -1;
    for (unsigned i = 0; i < r->n_clients; i++)
        s->talks[i].window = (window){.entries = s->entries + (size_t)i * k, .size = k};
    return 0;
}

static void
send_more(run *r, client *c)
{
    state   *s = r->state;
    window  *w = &s->talks[c->number].window;
    uint32_t number;

    while (run_is_sending(r) && window_has_room(w)) {
        number = window_send(w, 1, run_clock_ns());
        payload_write(s->text, r->options->bytes, number);
        client_emit(c, "echo", r->options->with_event ? PACKET_NO_ACK : number, s->text);
    }
}

static void
begin(run *r)
{
    for (unsigned i = 0; i < r->n_clients; i++)
        send_more(r, &r->clients[i]);
}

static void
arrived(run *r, client *c, const packet *p)
{
    talk         *t = &((state *)r->state)->talks[c->number];
    uint32_t      number;
    window_entry *entry;

    if (r->options->with_event ? !packet_is_event(p, "echo") : p->type != PACKET_ACK)
        return;
    if (payload_read(p->rest, p->rest_len, r->options->bytes, &number) != 0 ||
        number >= t->window.next || (p->type == PACKET_ACK && number != p->ack_id)) {
        r->results.damaged++;
        return;
    }
    if (!sequence_add(&t->back, number))
        return;
    if ((entry = window_find(&t->window, number)) != NULL)
        entry->waiting = 0;
    run_count(r, entry != NULL ? entry->sent_ns : 0);
    send_more(r, c);
}

static void
tick(run *r)
{
    state         *s = r->state;
    const uint64_t before_ns = r->now_ns - run_seconds_ns(r->options->timeout);
    uint32_t       n;

    for (unsigned i = 0; i < r->n_clients; i++)
        if ((n = window_expire(&s->talks[i].window, before_ns)) > 0) {
            r->results.timed_out += n;
            send_more(r, &r->clients[i]);
        }
}

static bool
is_drained(run *r)
{
    const state *s = r->state;

    for (unsigned i = 0; i < r->n_clients; i++)
        if (!window_is_empty(&s->talks[i].window))
            return false;
    return true;
}

static void
finish(run *r)
{
    const state *s = r->state;

    for (unsigned i = 0; i < r->n_clients; i++) {
        const talk *t = &s->talks[i];

        r->results.sent += t->window.next;
        r->results.received += t->back.unique;
        r->results.lost += sequence_lost(&t->back, t->window.next);
        r->results.doubled += t->back.doubled;
        r->results.reordered += t->back.reordered;
    }
}

const scenario scenario_echo = {
    .prepare = prepare,
    .arrived = arrived,
    .begin = begin,
    .tick = tick,
    .is_drained = is_drained,
    .finish = finish,
    .release = release,
};
