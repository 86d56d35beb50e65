/*
 * server/admin/loop_lag.h - how late is the event loop?
 *
 * The kernel says ten times a second that time has passed; until the loop hears of it, whoever else
 * has something to say waits as long. A timer of the loop would not do: it is itself some
 * milliseconds late, by its clock and its wheel.
 */
#ifndef SIO_ADMIN_LOOP_LAG_H
#define SIO_ADMIN_LOOP_LAG_H

#include <stdint.h>

typedef struct sio_env sio_env;
struct event;

typedef struct {
    sio_env      *env;
    struct event *event; /* NULL: nothing is measured */
    int           fd;
    uint64_t      due_us; /* when the timer rings next */
} sio_loop_lag;

/* Measure into env->measures.loop_lag. SIO_OK or SIO_ERR_NOMEM. */
int sio_loop_lag_begin(sio_loop_lag *l, sio_env *env);

/* Safe on a zeroed one. */
void sio_loop_lag_end(sio_loop_lag *l);

#endif
