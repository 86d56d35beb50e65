/*
 * server/engine/laggards.h - clients for which much has been waiting for long.
 *
 * What waits for a client may be large for a moment, up to "max queued bytes": a burst between two
 * polls, a reader that pauses. Over "slow consumer bytes" it has "slow consumer timeout" to get
 * below that again; then it is given up. Called by mailbox.c.
 */
#ifndef SIO_ENGINE_LAGGARDS_H
#define SIO_ENGINE_LAGGARDS_H

#include <stdint.h>

#include "protocol/list.h"
#include "server/base/timer_wheel.h"

typedef struct sio_env     sio_env;
typedef struct sio_mailbox sio_mailbox;

/* In a mailbox. */
typedef struct {
    sio_link link;     /* in laggards.list, or alone */
    uint64_t until_ms; /* when it is given up */
} sio_laggard;

/* In a server. All have the same time, so the list is in the order in which it ends. */
typedef struct {
    sio_link  list;
    sio_timer timer; /* for the first one */
    void (*give_up)(sio_mailbox *m);
} sio_laggards;

/* give_up is called for each whose time is over. */
void sio_laggards_init(sio_env *env, void (*give_up)(sio_mailbox *m));

/* The queue of m has become longer: is it a laggard now? */
void sio_laggards_grown(sio_mailbox *m);

/* It has become shorter: is it one no more? */
void sio_laggards_shrunk(sio_mailbox *m);

/* Its time does not matter any more. */
void sio_laggards_forget(sio_mailbox *m);

#endif
