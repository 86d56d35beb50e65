/*
 * server/cli/token_check.h - `siobroker token --check`: what a token says, and whether a broker
 * takes it.
 */
#ifndef SIO_CLI_TOKEN_CHECK_H
#define SIO_CLI_TOKEN_CHECK_H

#include "server/cli/command_line.h"
#include "server/config/config.h"

/*
 * Print the claims of the token, which text is, or says where it is (config/secret.h). The exit
 * status: SIO_COMMAND_DONE when a broker with these settings takes it; otherwise standard error
 * says why not.
 */
int sio_token_check(const sio_command_line *line, const sio_cfg_jwt *cfg, const char *text);

#endif
