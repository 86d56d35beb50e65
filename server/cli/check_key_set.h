/*
 * server/cli/check_key_set.h - can a broker get the keys of tokens from where they are published?
 *
 * Part of `siobroker check`. It asks as a broker does at its start, with the same client.
 */
#ifndef SIO_CLI_CHECK_KEY_SET_H
#define SIO_CLI_CHECK_KEY_SET_H

#include "server/cli/check_report.h"

/* "keys url" of "jwt"; without one nothing is asked. It may take 5 s. */
void sio_check_key_set(sio_check_report *r, const sio_cfg *cfg);

#endif
