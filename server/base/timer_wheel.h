/*
 * server/base/timer_wheel.h - a timing wheel: very many timers behind one libevent timer.
 *
 * Used by everything in server/ that waits: heartbeats, polls, handshakes, idle
 * connections. Setting and cancelling cost O(1) and allocate nothing. A timer
 * never fires early; it fires up to SIO_WHEEL_TICK_MS late, plus what the loop is
 * late by itself. While nothing is set the wheel does not wake the process.
 *
 * Not thread-safe: one wheel belongs to one event loop.
 */
#ifndef SIO_BASE_TIMER_WHEEL_H
#define SIO_BASE_TIMER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/list.h"

struct event;
struct event_base;

enum {
    SIO_WHEEL_TICK_MS = 8,   /* resolution */
    SIO_WHEEL_SLOT_BITS = 6, /* 64 slots in a level, so that one word tells which are in use */
    SIO_WHEEL_SLOTS = 1 << SIO_WHEEL_SLOT_BITS,
    SIO_WHEEL_LEVELS = 7 /* 64^7 ticks: a thousand years from sio_timer_wheel_init */
};

/* The longest delay, 30 days; a longer one is cut to it. */
#define SIO_TIMER_MAX_DELAY_MS 2592000000u

/*
 * Lives inside the object that waits. Zeroed memory with `fire` set is a timer
 * that is not armed. An armed timer must stay where it is until it fires or is
 * cancelled; the object is found again with SIO_CONTAINER.
 */
typedef struct sio_timer {
    sio_link link; /* next == NULL: not armed */
    uint64_t due_ms;
    void (*fire)(struct sio_timer *); /* called once for each arming, already disarmed */
} sio_timer;

typedef struct sio_timer_wheel {
    struct event *wake;                     /* NULL while driven by hand */
    uint64_t      clock_ms;                 /* the last time that was read, or given by hand */
    uint64_t      back_ms;                  /* by so much has the system's clock gone back */
    uint64_t      start_ms;                 /* the clock at tick 0 */
    uint64_t      tick;                     /* all timers up to and including it are in `due` */
    uint64_t      wake_tick;                /* what `wake` sleeps until; UINT64_MAX: nothing */
    uint64_t      in_use[SIO_WHEEL_LEVELS]; /* bit s of word l: slots[l][s] is not empty */
    sio_link      slots[SIO_WHEEL_LEVELS][SIO_WHEEL_SLOTS];
    sio_link      due;    /* to fire in the next turn */
    sio_link      firing; /* being fired in this turn */
} sio_timer_wheel;

/*
 * Start a wheel on base (borrowed), or with base NULL one that is driven by hand
 * with sio_timer_wheel_advance and begins at 0 ms. SIO_OK or SIO_ERR_NOMEM. *w must not
 * move afterwards.
 */
int sio_timer_wheel_init(sio_timer_wheel *w, struct event_base *base);

/* Disarm every timer without firing it, and stop. Not from inside a timer's own call. */
void sio_timer_wheel_fini(sio_timer_wheel *w);

/*
 * Fire t once, delay_ms from now; an armed timer is moved. Zero means the next turn
 * of the loop, never inside this call. A function that is firing may set, cancel and
 * free any timer, its own included.
 */
void sio_timer_set(sio_timer_wheel *w, sio_timer *t, unsigned delay_ms);

/* Disarm t. Nothing happens if it is not armed. */
void sio_timer_cancel(sio_timer_wheel *w, sio_timer *t);

static inline bool
sio_timer_armed(const sio_timer *t)
{
    return t->link.next != NULL;
}

/*
 * Milliseconds on a monotonic clock of arbitrary origin (that of sio_timer_wheel_advance
 * when driven by hand). It never goes back, whatever the clock of the system does.
 * Read afresh each time: that costs some 20 ns, and a clock cached for a whole loop
 * turn would make timers that are set after a long callback fire early.
 */
uint64_t sio_timer_wheel_now_ms(sio_timer_wheel *w);

/* Move the clock of a wheel driven by hand (never back) and fire what is due by then. */
void sio_timer_wheel_advance(sio_timer_wheel *w, uint64_t now_ms);

/*
 * Milliseconds until the wheel has anything to do; UINT64_MAX: never. May be sooner than a timer.
 */
uint64_t sio_timer_wheel_idle_ms(sio_timer_wheel *w);

#endif
