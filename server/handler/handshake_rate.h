/*
 * server/handler/handshake_rate.h - how many handshakes an address may make in a second.
 *
 * Called by handshake_limits.c. It only counts, in seconds that begin with the first handshake
 * after the last one: what is kept is an entry for each address of one second.
 */
#ifndef SIO_HANDLER_HANDSHAKE_RATE_H
#define SIO_HANDLER_HANDSHAKE_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/view.h"
#include "store/hash.h"

typedef struct {
    sio_hash by_key;
    uint64_t second_ms; /* when this one began */
} sio_handshake_rate;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_handshake_rate_fini() is still allowed. */
int  sio_handshake_rate_init(sio_handshake_rate *rate);
void sio_handshake_rate_fini(sio_handshake_rate *rate);

/*
 * One more of the account with that key (base/budget.h), now_ms as of the timer wheel. False: it
 * has made max in this second, and this one is not counted. Without memory nothing is counted.
 */
bool sio_handshake_rate_admit(sio_handshake_rate *rate, sio_view key, unsigned max,
                              uint64_t now_ms);

#endif
