/*
 * server/cli/check_system.h - what the system allows: descriptors, and connections that wait.
 */
#ifndef SIO_CLI_CHECK_SYSTEM_H
#define SIO_CLI_CHECK_SYSTEM_H

#include "server/cli/check_report.h"

/* The limits of this process, which are those of a broker that is started the same way. */
void sio_check_system(sio_check_report *r, const sio_cfg *cfg);

#endif
