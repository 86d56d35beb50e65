/*
 * server/cli/check_tls.h - certificates: are they good, and for how long?
 */
#ifndef SIO_CLI_CHECK_TLS_H
#define SIO_CLI_CHECK_TLS_H

#include "server/cli/check_report.h"

/* A line for each certificate, and one for those who vouch for clients. None where there is no TLS. */
void sio_check_tls(sio_check_report *r, const sio_cfg *cfg);

#endif
