/*
 * server/engine/throttle.h - how much a client may say in a second: "max events per second" and
 * "max bytes per second".
 *
 * Called by session.c and engine_io.c for each packet that is received. Each session has a bucket
 * with room for two seconds of either. One that is over is paused (intake.h) until time has paid
 * for some of it: a websocket is not read, a POST is not answered, and nothing is lost.
 */
#ifndef SIO_ENGINE_THROTTLE_H
#define SIO_ENGINE_THROTTLE_H

#include <stddef.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"

typedef struct sio_throttle sio_throttle; /* of a session that was ever counted */

/* For sio_throttle_count(). */
void sio_throttle_count_one(sio_session *s, size_t n_bytes);

/*
 * A packet of n_bytes is received now; what follows it may be kept. Inline, as it is said for each,
 * and usually there are no limits. Without memory it is not counted.
 */
static inline void
sio_throttle_count(sio_session *s, size_t n_bytes)
{
    const sio_cfg *cfg = s->env->cfg;

    if (cfg->max_events_per_second > 0 || cfg->max_bytes_per_second > 0)
        sio_throttle_count_one(s, n_bytes);
}

/* The session is over, and is being freed: pauses no more. */
void sio_throttle_end(sio_session *s);
void sio_throttle_free(sio_session *s);

#endif
