/*
 * server/base/timer_wheel.c - see timer_wheel.h.
 *
 * A timer that is due at tick e stands in the level of the highest digit (base 64)
 * in which e differs from the current tick, in the slot of that digit. So a slot of
 * level 0 holds one tick, and one of level n a block of 64^n ticks, all of which lie
 * ahead and before anything of level n + 1. Two things follow:
 *  - the next slot to look at is the lowest one in use of the lowest level in use;
 *  - while time moves on to just before that slot, every timer stays where it is, so
 *    that its slot can be computed again when it is cancelled.
 * When the current tick reaches the beginning of a slot, its timers are placed anew.
 */
#include "server/base/timer_wheel.h"

#include <assert.h>
#include <event2/event.h>
#include <time.h>

#include "protocol/result.h"

typedef struct {
    unsigned level, index;
} position;

static uint64_t
monotonic_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/*
 * A clock that goes back, as some virtual machines have after they were moved, goes on from where
 * it was: all that is computed from it counts on that. The loop sleeps until what it was told
 * before, so the next timer that is set has to wake it anew.
 */
uint64_t
sio_timer_wheel_now_ms(sio_timer_wheel *w)
{
    uint64_t ms;

    if (w->wake == NULL)
        return w->clock_ms;
    ms = monotonic_ms() + w->back_ms;
    if (ms < w->clock_ms) {
        w->back_ms += w->clock_ms - ms;
        w->wake_tick = UINT64_MAX;
        ms = w->clock_ms;
    }
    w->clock_ms = ms;
    return ms;
}

/* The first tick that begins at due_ms or later: a timer is never early. */
static uint64_t
due_tick(const sio_timer_wheel *w, const sio_timer *t)
{
    return (t->due_ms - w->start_ms + SIO_WHEEL_TICK_MS - 1) / SIO_WHEEL_TICK_MS;
}

/* Where a timer of a tick that is still ahead belongs. */
static position
position_of(const sio_timer_wheel *w, uint64_t tick)
{
    const unsigned high_bit = 63 - (unsigned)__builtin_clzll(tick ^ w->tick);
    const unsigned level = high_bit / SIO_WHEEL_SLOT_BITS;

    assert(tick > w->tick && level < SIO_WHEEL_LEVELS);
    return (position){level, (tick >> (level * SIO_WHEEL_SLOT_BITS)) & (SIO_WHEEL_SLOTS - 1)};
}

static void
timer_wheel_place(sio_timer_wheel *w, sio_timer *t)
{
    const uint64_t tick = due_tick(w, t);

    if (tick <= w->tick) {
        sio_link_append(&w->due, &t->link);
        return;
    }
    const position at = position_of(w, tick);

    sio_link_append(&w->slots[at.level][at.index], &t->link);
    w->in_use[at.level] |= UINT64_C(1) << at.index;
}

static void
unplace(sio_timer_wheel *w, sio_timer *t)
{
    const uint64_t tick = due_tick(w, t);

    sio_link_remove(&t->link);
    t->link.next = NULL;
    if (tick <= w->tick)
        return; /* it stood in `due` or in `firing` */
    const position at = position_of(w, tick);

    if (sio_link_empty(&w->slots[at.level][at.index]))
        w->in_use[at.level] &= ~(UINT64_C(1) << at.index);
}

/* Find the next slot in use and the tick at which it begins. */
static bool
next_slot(const sio_timer_wheel *w, position *at, uint64_t *tick)
{
    for (unsigned level = 0; level < SIO_WHEEL_LEVELS; level++) {
        const unsigned shift = level * SIO_WHEEL_SLOT_BITS;

        if (w->in_use[level] == 0)
            continue;
        *at = (position){level, (unsigned)__builtin_ctzll(w->in_use[level])};
        *tick = ((w->tick >> shift & ~(uint64_t)(SIO_WHEEL_SLOTS - 1)) | at->index) << shift;
        return true;
    }
    return false;
}

/* The tick at which there is something to do; UINT64_MAX for never. */
static uint64_t
next_tick(const sio_timer_wheel *w)
{
    position at;
    uint64_t tick;

    if (!sio_link_empty(&w->due))
        return w->tick;
    return next_slot(w, &at, &tick) ? tick : UINT64_MAX;
}

static uint64_t
ms_until(sio_timer_wheel *w, uint64_t tick)
{
    const uint64_t at_ms = w->start_ms + tick * SIO_WHEEL_TICK_MS;
    const uint64_t now_ms = sio_timer_wheel_now_ms(w);

    return at_ms > now_ms ? at_ms - now_ms : 0;
}

uint64_t
sio_timer_wheel_idle_ms(sio_timer_wheel *w)
{
    const uint64_t tick = next_tick(w);

    return tick == UINT64_MAX ? UINT64_MAX : ms_until(w, tick);
}

/*
 * Have the loop wake us when the next thing is to be done. It may already be going to
 * do so earlier, for a timer that was cancelled since: that wakes us once for nothing,
 * which is cheaper than re-arming with every cancel. Should libevent be out of memory,
 * wake_tick still says that nothing is armed, and the next timer tries again.
 */
static void
timer_wheel_arm(sio_timer_wheel *w)
{
    const uint64_t tick = next_tick(w);

    if (w->wake == NULL || tick >= w->wake_tick)
        return;
    const uint64_t       ms = ms_until(w, tick);
    const struct timeval delay = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

    if (event_add(w->wake, &delay) == 0)
        w->wake_tick = tick;
}

/* Bring the current tick to `target`, and everything due by then into w->due. */
static void
collect(sio_timer_wheel *w, uint64_t target)
{
    position at;
    uint64_t tick;

    while (next_slot(w, &at, &tick) && tick <= target) {
        sio_link slot;

        sio_link_init(&slot);
        sio_link_move(&slot, &w->slots[at.level][at.index]);
        w->in_use[at.level] &= ~(UINT64_C(1) << at.index);
        w->tick = tick;
        while (!sio_link_empty(&slot)) {
            sio_timer *t = SIO_CONTAINER(slot.next, sio_timer, link);

            sio_link_remove(&t->link);
            timer_wheel_place(w, t);
        }
    }
    w->tick = target;
}

/*
 * One turn. What is due is moved to a list of its own first, so that timers set
 * meanwhile with no delay wait for the next turn instead of prolonging this one.
 */
static void
run(sio_timer_wheel *w)
{
    w->wake_tick = 0; /* sooner than anything: no arming while timers fire */
    collect(w, (sio_timer_wheel_now_ms(w) - w->start_ms) / SIO_WHEEL_TICK_MS);
    sio_link_move(&w->firing, &w->due);
    while (!sio_link_empty(&w->firing)) {
        sio_timer *t = SIO_CONTAINER(w->firing.next, sio_timer, link);

        unplace(w, t);
        t->fire(t);
    }
    w->wake_tick = UINT64_MAX;
    timer_wheel_arm(w);
}

static void
on_timer_wheel_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    run(arg);
}

void
sio_timer_wheel_advance(sio_timer_wheel *w, uint64_t now_ms)
{
    assert(w->wake == NULL && now_ms >= w->clock_ms);
    w->clock_ms = now_ms;
    run(w);
}

void
sio_timer_set(sio_timer_wheel *w, sio_timer *t, unsigned delay_ms)
{
    if (delay_ms > SIO_TIMER_MAX_DELAY_MS)
        delay_ms = SIO_TIMER_MAX_DELAY_MS;
    if (sio_timer_armed(t))
        unplace(w, t);
    /* The current tick, always in the past, is the way to say "at once". */
    t->due_ms = delay_ms == 0 ? w->start_ms + w->tick * SIO_WHEEL_TICK_MS
                              : sio_timer_wheel_now_ms(w) + delay_ms;
    timer_wheel_place(w, t);
    timer_wheel_arm(w);
}

void
sio_timer_cancel(sio_timer_wheel *w, sio_timer *t)
{
    if (sio_timer_armed(t))
        unplace(w, t);
}

int
sio_timer_wheel_init(sio_timer_wheel *w, struct event_base *base)
{
    *w = (sio_timer_wheel){.wake_tick = UINT64_MAX};
    sio_link_init(&w->due);
    sio_link_init(&w->firing);
    for (unsigned level = 0; level < SIO_WHEEL_LEVELS; level++)
        for (unsigned i = 0; i < SIO_WHEEL_SLOTS; i++)
            sio_link_init(&w->slots[level][i]);
    if (base == NULL)
        return SIO_OK;
    w->start_ms = w->clock_ms = monotonic_ms();
    w->wake = event_new(base, -1, 0, on_timer_wheel_wake, w);
    return w->wake == NULL ? SIO_ERR_NOMEM : SIO_OK;
}

void
sio_timer_wheel_fini(sio_timer_wheel *w)
{
    position at;
    uint64_t tick;

    if (w->wake != NULL)
        event_free(w->wake);
    while (next_slot(w, &at, &tick))
        collect(w, tick);
    for (sio_link *l = w->due.next, *next; l != &w->due; l = next) {
        next = l->next;
        l->next = NULL;
    }
    w->wake = NULL;
}
