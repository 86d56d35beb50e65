/*
 * server/admin/log_level.h - another log level for some time.
 */
#ifndef SIO_ADMIN_LOG_LEVEL_H
#define SIO_ADMIN_LOG_LEVEL_H

#include <stdbool.h>

#include "server/admin/admin_request.h"
#include "server/base/timer_wheel.h"

/* A zeroed one is fine. */
typedef struct {
    sio_env  *env;
    sio_timer timer; /* armed: the level is another one until then */
    int       usual;
    bool      is_quiet; /* somebody else says so */
} sio_log_level;

/* "level" (0 to 3) and "for" (1 to 86400 seconds; 60 without) in the query. */
void sio_log_level_serve(sio_exchange *x, const sio_admin_request *r);

/* Another level for so many seconds; is_quiet: without a line that says so. */
void sio_log_level_change(sio_env *env, int level, unsigned for_s, bool is_quiet);

/* Back to the usual one, if it is another. */
void sio_log_level_restore(sio_log_level *l);

#endif
