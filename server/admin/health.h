/*
 * server/admin/health.h - may clients be sent here?
 *
 * /livez: that an answer comes is the proof that the loop turns. /readyz: whether it makes sense to
 * send clients here. That Redis is away does not count unless it is asked for: all instances would
 * turn clients away at once, though each could serve its own.
 */
#ifndef SIO_ADMIN_HEALTH_H
#define SIO_ADMIN_HEALTH_H

#include "server/admin/admin_request.h"

void sio_health_serve_live(sio_exchange *x, const sio_admin_request *r);

/* "redis=1" in the query: Redis has to answer, too. */
void sio_health_serve_ready(sio_exchange *x, const sio_admin_request *r);

#endif
