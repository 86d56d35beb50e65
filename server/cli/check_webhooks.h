/*
 * server/cli/check_webhooks.h - is there what webhooks need?
 */
#ifndef SIO_CLI_CHECK_WEBHOOKS_H
#define SIO_CLI_CHECK_WEBHOOKS_H

#include "server/cli/check_report.h"

/* Nothing when no backend is called over TLS. */
void sio_check_webhooks(sio_check_report *r, const sio_cfg *cfg);

#endif
