/*
 * server/admin/metrics.h - /metrics, for Prometheus and whoever else reads its text.
 *
 * Every counter is taken from the tables of base/stats.h and base/measures.h, so none is left out.
 * Nothing is walked but the other instances: what there is of sessions, rooms and sockets was
 * counted when it came and went.
 */
#ifndef SIO_ADMIN_METRICS_H
#define SIO_ADMIN_METRICS_H

#include "protocol/buf.h"
#include "server/admin/admin_request.h"

/* In OpenMetrics when "Accept" has it. */
void sio_metrics_serve(sio_exchange *x, const sio_admin_request *r);

/* Append all of them. Failure is out->failed. */
void sio_metrics_write(sio_env *env, bool open_metrics, sio_buf *out);

#endif
