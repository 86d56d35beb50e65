/*
 * server/adminui/ui_stats.h - what the Admin UI is told of a server every two seconds.
 */
#ifndef SIO_ADMINUI_UI_STATS_H
#define SIO_ADMINUI_UI_STATS_H

#include "protocol/buf.h"
#include "server/base/env.h"

/* What was counted when it was told last. */
typedef struct {
    uint64_t began_ms; /* the server, since 1970 */
    uint64_t sessions, bytes_in, packets_in, bytes_out, packets_out;
    uint64_t ended[SIO_N_END_REASONS];
} sio_ui_stats;

/* From now on is counted. */
void sio_ui_stats_begin(sio_ui_stats *stats, const sio_env *env);

/* Append the arguments of "server_stats", a JSON array, and count from now on. */
void sio_ui_stats_add(sio_ui_stats *stats, sio_env *env, sio_buf *args);

#endif
