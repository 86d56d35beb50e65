/*
 * tests/unit/base/timer_wheel_test.c - server/base/timer_wheel.c, driven by hand against a naive
 * model, and on a loop.
 */
#include "server/base/timer_wheel.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#include <event2/event.h>

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { N_MODEL = 200, N_STEPS = 20000 };

typedef struct {
    sio_timer        timer;
    uint64_t         due_ms;  /* what the model expects; meaningful while armed */
    unsigned         n_fired; /* since the test began */
    bool             armed;
    sio_timer_wheel *wheel; /* for those that act when they fire */
} item;

/* xorshift: the same numbers on every run and every libc. */
static uint64_t
next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void
count(sio_timer *t)
{
    item *it = SIO_CONTAINER(t, item, timer);

    it->n_fired++;
    it->armed = false;
}

/* A fresh wheel driven by hand, too large for some stacks. */
static sio_timer_wheel *
new_wheel(void)
{
    sio_timer_wheel *w = malloc(sizeof *w);

    if (w == NULL || sio_timer_wheel_init(w, NULL) != SIO_OK)
        abort();
    return w;
}

static void
free_wheel(sio_timer_wheel *w)
{
    sio_timer_wheel_fini(w);
    free(w);
}

static void
test_timer_is_small(void)
{
    CHECK(sizeof(sio_timer) <= 32);
}

static void
test_fires_once_not_early_and_within_a_tick(void)
{
    static const unsigned delays[] = {
        1,     7,     8,     9,     200,   300,    511,     512,     513,       4095,       4096,
        25000, 60000, 32767, 32768, 32769, 262144, 2097152, 2097153, 86400000u, 2592000000u};

    for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        sio_timer_wheel *w = new_wheel();
        item             it = {.timer.fire = count};

        sio_timer_wheel_advance(w, 3);
        sio_timer_set(w, &it.timer, delays[i]);
        CHECK(sio_timer_armed(&it.timer));
        sio_timer_wheel_advance(w, 3 + (uint64_t)delays[i] - 1);
        CHECK_INT(it.n_fired, 0);
        sio_timer_wheel_advance(w, 3 + (uint64_t)delays[i] + SIO_WHEEL_TICK_MS - 1);
        CHECK_INT(it.n_fired, 1);
        CHECK(!sio_timer_armed(&it.timer));
        sio_timer_wheel_advance(w, 3 + 2 * (uint64_t)delays[i] + 100);
        CHECK_INT(it.n_fired, 1);
        CHECK(sio_timer_wheel_idle_ms(w) == UINT64_MAX);
        free_wheel(w);
    }
}

static void
test_longer_than_the_maximum_is_cut(void)
{
    sio_timer_wheel *w = new_wheel();
    item             it = {.timer.fire = count};

    sio_timer_set(w, &it.timer, UINT32_MAX);
    sio_timer_wheel_advance(w, (uint64_t)SIO_TIMER_MAX_DELAY_MS + SIO_WHEEL_TICK_MS);
    CHECK_INT(it.n_fired, 1);
    free_wheel(w);
}

static void
test_zero_delay_fires_in_the_next_turn(void)
{
    sio_timer_wheel *w = new_wheel();
    item             it = {.timer.fire = count};

    sio_timer_wheel_advance(w, 5);
    sio_timer_set(w, &it.timer, 0);
    CHECK_INT(it.n_fired, 0);
    CHECK_INT(sio_timer_wheel_idle_ms(w), 0);
    sio_timer_wheel_advance(w, 5);
    CHECK_INT(it.n_fired, 1);
    free_wheel(w);
}

static void
rearm_at_once(sio_timer *t)
{
    item *it = SIO_CONTAINER(t, item, timer);

    it->n_fired++;
    sio_timer_set(it->wheel, t, 0);
}

static void
test_rearming_with_zero_does_not_prolong_the_turn(void)
{
    sio_timer_wheel *w = new_wheel();
    item             it = {.timer.fire = rearm_at_once, .wheel = w};

    sio_timer_set(w, &it.timer, 10);
    for (unsigned turn = 1; turn <= 5; turn++) {
        sio_timer_wheel_advance(w, 100);
        CHECK_INT(it.n_fired, turn);
    }
    free_wheel(w);
    CHECK(!sio_timer_armed(&it.timer));
}

static void
test_cancelled_does_not_fire_and_leaves_nothing_to_wait_for(void)
{
    static const unsigned delays[] = {0, 8, 500, 600, 40000, 3000000};

    for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        sio_timer_wheel *w = new_wheel();
        item             it = {.timer.fire = count};

        sio_timer_set(w, &it.timer, delays[i]);
        sio_timer_cancel(w, &it.timer);
        sio_timer_cancel(w, &it.timer);
        CHECK(!sio_timer_armed(&it.timer));
        CHECK(sio_timer_wheel_idle_ms(w) == UINT64_MAX);
        sio_timer_wheel_advance(w, 10000000);
        CHECK_INT(it.n_fired, 0);
        free_wheel(w);
    }
}

/* One of two timers of the same tick: whichever fires first frees the other, then itself. */
typedef struct duel {
    sio_timer        timer;
    sio_timer_wheel *wheel;
    struct duel     *other;
    unsigned        *n_fired;
} duel;

static void
free_both(sio_timer *t)
{
    duel *d = SIO_CONTAINER(t, duel, timer);

    ++*d->n_fired;
    sio_timer_cancel(d->wheel, &d->other->timer);
    free(d->other);
    free(d);
}

static void
test_a_firing_timer_may_free_itself_and_others(void)
{
    sio_timer_wheel *w = new_wheel();
    duel            *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
    unsigned         n_fired = 0;

    if (a == NULL || b == NULL)
        abort();
    *a = (duel){{.fire = free_both}, w, b, &n_fired};
    *b = (duel){{.fire = free_both}, w, a, &n_fired};
    sio_timer_set(w, &a->timer, 100);
    sio_timer_set(w, &b->timer, 100);
    sio_timer_wheel_advance(w, 200);
    CHECK_INT(n_fired, 1);
    free_wheel(w);
}

/* The model: an item fires in the first turn whose clock has passed the tick of its due time. */
static bool
model_is_due(const item *it, uint64_t now_ms)
{
    const uint64_t tick = (it->due_ms + SIO_WHEEL_TICK_MS - 1) / SIO_WHEEL_TICK_MS;

    return it->armed && tick <= now_ms / SIO_WHEEL_TICK_MS;
}

static unsigned
random_delay(uint64_t *random)
{
    const unsigned bits = (unsigned)(next_random(random) % 31) + 1;

    return (unsigned)(next_random(random) & ((UINT64_C(1) << bits) - 1)) + 1;
}

static void
step_clock(sio_timer_wheel *w, item *items, uint64_t *random)
{
    const uint64_t now_ms = sio_timer_wheel_now_ms(w) + random_delay(random) / 4;
    unsigned       want_fired[N_MODEL];
    bool           want_armed[N_MODEL];

    for (size_t i = 0; i < N_MODEL; i++) {
        const bool due = model_is_due(&items[i], now_ms);

        want_fired[i] = items[i].n_fired + due;
        want_armed[i] = items[i].armed && !due;
    }
    sio_timer_wheel_advance(w, now_ms);
    for (size_t i = 0; i < N_MODEL; i++) {
        CHECK_INT(items[i].n_fired, want_fired[i]);
        CHECK_INT(sio_timer_armed(&items[i].timer), want_armed[i]);
    }
}

/* The wheel may wake early, but never later than the next timer is due. */
static void
check_idle(sio_timer_wheel *w, const item *items)
{
    uint64_t next_ms = UINT64_MAX;

    for (size_t i = 0; i < N_MODEL; i++)
        if (items[i].armed && items[i].due_ms < next_ms)
            next_ms = items[i].due_ms;
    if (next_ms == UINT64_MAX)
        CHECK(sio_timer_wheel_idle_ms(w) == UINT64_MAX);
    else
        CHECK(sio_timer_wheel_now_ms(w) + sio_timer_wheel_idle_ms(w) <=
              next_ms + SIO_WHEEL_TICK_MS - 1);
}

static void
test_random_operations_agree_with_a_naive_model(void)
{
    static item      items[N_MODEL];
    sio_timer_wheel *w = new_wheel();
    uint64_t         random = UINT64_C(0x9e3779b97f4a7c15);

    for (size_t i = 0; i < N_MODEL; i++)
        items[i].timer.fire = count;
    for (unsigned step = 0; step < N_STEPS && !check_failed; step++) {
        item          *it = &items[next_random(&random) % N_MODEL];
        const unsigned action = (unsigned)(next_random(&random) % 8);

        if (action < 5) {
            const unsigned delay_ms = random_delay(&random);

            it->due_ms = sio_timer_wheel_now_ms(w) +
                         (delay_ms > SIO_TIMER_MAX_DELAY_MS ? SIO_TIMER_MAX_DELAY_MS : delay_ms);
            it->armed = true;
            sio_timer_set(w, &it->timer, delay_ms);
        } else if (action < 6) {
            it->armed = false;
            sio_timer_cancel(w, &it->timer);
        } else {
            step_clock(w, items, &random);
        }
        check_idle(w, items);
    }
    free_wheel(w);
}

/* Sleeping as long as the wheel allows reaches every timer, and in a bounded number of turns. */
static void
test_idle_time_leads_to_each_timer(void)
{
    sio_timer_wheel *w = new_wheel();
    uint64_t         random = 42;

    for (unsigned i = 0; i < 200; i++) {
        item           it = {.timer.fire = count};
        const unsigned delay_ms = random_delay(&random);
        unsigned       n_turns = 0;

        sio_timer_set(w, &it.timer, delay_ms);
        for (; it.n_fired == 0 && n_turns <= SIO_WHEEL_LEVELS; n_turns++)
            sio_timer_wheel_advance(w, sio_timer_wheel_now_ms(w) + sio_timer_wheel_idle_ms(w));
        CHECK_INT(it.n_fired, 1);
    }
    free_wheel(w);
}

/* --- On a loop. --- */

typedef struct {
    sio_timer        timer;
    sio_timer_wheel *wheel;
    uint64_t         set_ms, fired_ms;
} timed;

static void
note_time(sio_timer *t)
{
    timed *it = SIO_CONTAINER(t, timed, timer);

    it->fired_ms = sio_timer_wheel_now_ms(it->wheel);
}

static void
test_on_a_loop_timers_fire_and_then_it_ends(void)
{
    static const unsigned delays[] = {0, 1, 20, 35, 60};
    timed                 items[5];
    struct event_base    *base = event_base_new();
    sio_timer_wheel      *w = malloc(sizeof *w);

    if (w == NULL || base == NULL || sio_timer_wheel_init(w, base) != SIO_OK)
        abort();
    for (size_t i = 0; i < 5; i++) {
        items[i] = (timed){{.fire = note_time}, w, sio_timer_wheel_now_ms(w), 0};
        sio_timer_set(w, &items[i].timer, delays[i]);
    }
    /* Returns when no event is left: so nothing keeps waking an idle process. */
    CHECK_INT(event_base_dispatch(base), 1);
    for (size_t i = 0; i < 5; i++) {
        CHECK(!sio_timer_armed(&items[i].timer));
        CHECK(items[i].fired_ms >= items[i].set_ms + delays[i]);
    }
    free_wheel(w);
    event_base_free(base);
}

/* --- A clock that is moved, for us and for libevent. --- */

static int64_t moved_s;

int
clock_gettime(clockid_t id, struct timespec *t)
{
    const int rc = (int)syscall(SYS_clock_gettime, id, t);

    t->tv_sec += (time_t)moved_s;
    return rc;
}

/* An hour forth, and back, and back once more, while timers of all levels wait. */
static void
test_a_clock_that_goes_back_stops_nothing(void)
{
    static const int64_t  moves_s[] = {3600, 0, -1000, 0, -3600};
    static const unsigned delays[] = {0, 1, 20, 35, 60, 600, 700000, 3000000};
    enum { N_MOVES = 5, N_DELAYS = 8, N_SHORT = 5 };
    static timed       items[N_MOVES][N_DELAYS];
    struct event_base *base = event_base_new();
    sio_timer_wheel   *w = malloc(sizeof *w);
    uint64_t           last_ms = 0;

    moved_s = 0;
    if (w == NULL || base == NULL || sio_timer_wheel_init(w, base) != SIO_OK)
        abort();
    for (size_t m = 0; m < N_MOVES; m++) {
        timed *set = items[m];

        moved_s = moves_s[m];
        CHECK(sio_timer_wheel_now_ms(w) >= last_ms);
        for (size_t i = 0; i < N_DELAYS; i++) {
            set[i] = (timed){{.fire = note_time}, w, sio_timer_wheel_now_ms(w), 0};
            sio_timer_set(w, &set[i].timer, delays[i]);
        }
        while (sio_timer_armed(&set[N_SHORT - 1].timer)) /* the test would not end */
            event_base_loop(base, EVLOOP_ONCE);
        last_ms = sio_timer_wheel_now_ms(w);
        for (size_t i = 0; i < N_SHORT; i++) {
            CHECK(set[i].fired_ms >= set[i].set_ms + delays[i]);
            CHECK(set[i].fired_ms <= last_ms);
        }
        CHECK(last_ms < set[0].set_ms + 1000);
    }
    moved_s = 0;
    free_wheel(w);
    event_base_free(base);
}

int
main(void)
{
    RUN(test_timer_is_small);
    RUN(test_fires_once_not_early_and_within_a_tick);
    RUN(test_longer_than_the_maximum_is_cut);
    RUN(test_zero_delay_fires_in_the_next_turn);
    RUN(test_rearming_with_zero_does_not_prolong_the_turn);
    RUN(test_cancelled_does_not_fire_and_leaves_nothing_to_wait_for);
    RUN(test_a_firing_timer_may_free_itself_and_others);
    RUN(test_random_operations_agree_with_a_naive_model);
    RUN(test_idle_time_leads_to_each_timer);
    RUN(test_on_a_loop_timers_fire_and_then_it_ends);
    RUN(test_a_clock_that_goes_back_stops_nothing);
    return check_done();
}
