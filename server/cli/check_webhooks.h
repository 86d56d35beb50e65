/*
 * server/cli/check_webhooks.h - is there what webhooks and keys from a URL need?
 */
#ifndef SIO_CLI_CHECK_WEBHOOKS_H
#define SIO_CLI_CHECK_WEBHOOKS_H

#include "server/cli/check_report.h"

/* Nothing when no URL is called. */
void sio_check_webhooks(sio_check_report *r, const sio_cfg *cfg);

#endif
