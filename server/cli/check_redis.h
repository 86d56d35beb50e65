/*
 * server/cli/check_redis.h - can Redis be used, and is it new enough?
 */
#ifndef SIO_CLI_CHECK_REDIS_H
#define SIO_CLI_CHECK_REDIS_H

#include "server/cli/check_report.h"

/* Ask the Redis of "redis", if there is one: log in, choose the database, ask for the version. */
void sio_check_redis(sio_check_report *r, const sio_cfg *cfg);

#endif
