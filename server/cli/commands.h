/*
 * server/cli/commands.h - all commands. cli.c has them in a table.
 */
#ifndef SIO_CLI_COMMANDS_H
#define SIO_CLI_COMMANDS_H

#include "server/cli/command.h"

extern const sio_command sio_bench_command;
extern const sio_command sio_check_command;
extern const sio_command sio_completion_command;
extern const sio_command sio_config_default_command;
extern const sio_command sio_config_doc_command;
extern const sio_command sio_drain_command;
extern const sio_command sio_emit_command;
extern const sio_command sio_listen_command;
extern const sio_command sio_log_command;
extern const sio_command sio_manual_command;
extern const sio_command sio_reload_command;
extern const sio_command sio_status_command;
extern const sio_command sio_token_command;
extern const sio_command sio_top_command;
extern const sio_command sio_undrain_command;

#endif
