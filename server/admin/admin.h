/*
 * server/admin/admin.h - for those who run the server: is it well, and what does it do?
 *
 * A listener beside the public port (http/side.h), at the addresses of the setting
 * "admin listen". What it answers is in the table of admin_routes.c, who may ask in admin_access.h.
 */
#ifndef SIO_ADMIN_ADMIN_H
#define SIO_ADMIN_ADMIN_H

#include "server/admin/control.h"
#include "server/admin/log_level.h"
#include "server/admin/loop_lag.h"
#include "server/admin/process_usage.h"
#include "server/http/side.h"

typedef struct sio_admin {
    sio_side          side;
    sio_loop_lag      loop_lag;
    sio_process_usage usage;
    sio_log_level     log_level;
    sio_control       control;
    uint64_t          began_ms; /* when the server began to listen, since 1970 */
} sio_admin;

/* Measure, when somebody is to see it: a part of the next, for the workers of a master. */
int sio_admin_measure(sio_env *env);

/*
 * Listen, when the settings say so, and obey by control, which is copied; from now on the loop is
 * measured. SIO_OK, or SIO_ERR_SYS or
 * SIO_ERR_NOMEM with one line.
 */
int sio_admin_open(sio_env *env, const sio_control *control, sio_buf *error);

/* After all connections have gone. Safe on a zeroed one. */
void sio_admin_close(sio_env *env);

#endif
