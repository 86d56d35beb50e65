/*
 * server/base/deferred.h - work put off to the end of the current event loop turn.
 *
 * Two things rely on it: output (all packets for one connection leave in one send()), and object
 * lifetime (what a callback may destroy is freed when nothing of it is on the stack any more). The
 * work is done in the order in which it was put off. When there is very much, input is looked at in
 * between: new work then waits behind the rest.
 */
#ifndef SIO_BASE_DEFERRED_H
#define SIO_BASE_DEFERRED_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "protocol/histogram.h"
#include "protocol/list.h"

typedef struct sio_task {
    sio_link link;
    void (*run)(struct sio_task *task); /* may defer itself again, or free the object it is in */
} sio_task;

typedef struct {
    struct event  *event;
    sio_link       tasks;
    bool           is_due;   /* the event will come at the end of this turn */
    sio_histogram *turns;    /* microseconds of work in each turn; NULL: they are not measured */
    uint64_t       began_us; /* this turn; 0: it has not, or is not measured */
} sio_deferred;

/* Returns SIO_OK or SIO_ERR_NOMEM. base must outlive d. */
int sio_deferred_init(sio_deferred *d, struct event_base *base);

/* Runs what is still deferred, then releases the event. */
void sio_deferred_fini(sio_deferred *d);

/* Prepare a task; run is called once for each time it was deferred. */
void sio_task_init(sio_task *task, void (*run)(sio_task *task));

/* Private: there is something at the end of this turn. */
void sio_deferred_await_end(sio_deferred *d);

/* Run task at the end of this turn; a task that is deferred already stays where it is. */
void sio_deferred_add(sio_deferred *d, sio_task *task);

/*
 * Input is being looked at: if turns are measured, this one begins now at the latest. It ends with
 * the deferred work.
 */
static inline void
sio_deferred_note_turn(sio_deferred *d)
{
    if (d->turns != NULL && d->began_us == 0)
        sio_deferred_await_end(d);
}

/* Forget a deferred task. */
void sio_task_cancel(sio_task *task);

#endif
