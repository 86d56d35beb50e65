/*
 * server/drain.h - how a server stops: it leaves, its sessions end one by one, and it is gone.
 *
 * The functions sio_drain(), sio_undrain() and sio_stop() of siobroker.h. Three phases follow each
 * other (base/phase.h), and each may be cut short:
 *
 *     leaving    "drain delay": whoever balances sees that it is not ready, and goes elsewhere
 *     spreading  "drain time": no new clients; sessions end at a steady pace (spread.h)
 *     stopping   "shutdown timeout": what is left ends, and what was written is sent. Half of it is
 *                for backends; what they were not told then, other instances tell them
 */
#ifndef SIO_SERVER_DRAIN_H
#define SIO_SERVER_DRAIN_H

#include <stdbool.h>

#include "server/siobroker.h"
#include "server/spread.h"

typedef struct {
    bool       is_to_stop; /* sio_stop() has asked for it, not sio_drain() alone */
    sio_timer  delay;      /* while leaving */
    sio_spread spread;     /* while spreading */
    sio_timer  last;       /* while stopping */
    sio_timer  telling;    /* while backends are told of what has ended */
    bool       has_left;   /* the cluster */
} sio_drain_state;

/*
 * A successor listens: accept nothing more from now on, but serve who is here for a moment, or for
 * "drain delay"; then drain and stop, as sio_stop() does. A connection that was accepted just now
 * is about to ask for something, and must not find everything closed.
 */
void sio_drain_hand_over(sio_server *s);

/* How long that moment is, with the delay in it. */
unsigned sio_drain_hand_over_delay_ms(const sio_server *s);

/* What the next sio_stop() begins, for the log: "draining", "stopping" or "exiting at once". */
const char *sio_drain_state_next_word(const sio_server *s);

#endif
