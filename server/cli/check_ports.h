/*
 * server/cli/check_ports.h - could a broker listen where its settings say?
 */
#ifndef SIO_CLI_CHECK_PORTS_H
#define SIO_CLI_CHECK_PORTS_H

#include "server/cli/check_report.h"

/*
 * Try each address of "port" or "listen", the flash policy and "admin listen", and keep none.
 * is_live: a broker with these settings runs, so that they are taken is as it should be.
 */
void sio_check_ports(sio_check_report *r, const sio_cfg *cfg, bool is_live);

#endif
