/*
 * server/spread.h - many sessions end, one after the other, so that their clients do not all come
 * back in the same moment.
 *
 * Called by drain.c. What is to end are the sessions that live here, and the streams of clients
 * whose session another instance has. They end at a steady pace, in no particular order; those that
 * would be interrupted in something are put off until all others have gone.
 */
#ifndef SIO_SERVER_SPREAD_H
#define SIO_SERVER_SPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/timer_wheel.h"
#include "server/engine/session.h"

/* Something that is to end. It may have gone since it was noted. */
typedef struct {
    uint64_t number; /* of a stream; 0: it is a session */
    char     id[SIO_SESSION_ID_MAX + 1];
} sio_parting;

typedef struct {
    sio_env     *env;
    sio_parting *partings;      /* in the order in which they end */
    size_t       n, next;       /* next: the first that was not looked at */
    size_t       n_put_off;     /* of those that were; they stand at the beginning */
    bool         is_last_round; /* nothing is put off any more */
    uint64_t     gap_us;        /* between two */
    uint64_t     owed_us;       /* of time that has passed, and nothing has ended for it */
    uint64_t     allowed_us;    /* so much of it may be made up for at once */
    uint64_t     turn_ms;       /* the last turn */
    sio_timer    timer;
    void (*done)(void *arg); /* NULL: not any more */
    void *arg;
} sio_spread;

/*
 * End all of them within window_ms, and with a second at most between two. done is called when
 * nothing is left, maybe in this call. Returns how many there are.
 */
size_t sio_spread_begin(sio_spread *s, sio_env *env, unsigned window_ms, void (*done)(void *arg),
                        void *arg);

/* Stop it; done is not called any more. A zeroed struct is fine. */
void sio_spread_cancel(sio_spread *s);

#endif
