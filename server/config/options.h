/*
 * server/config/options.h - the command line of the program.
 *
 * Called for siobroker and for programs on the library, before there is anything else, and when
 * settings are read again. server/cli/ makes the manual and completion of the table.
 */
#ifndef SIO_CONFIG_OPTIONS_H
#define SIO_CONFIG_OPTIONS_H

#include "protocol/buf.h"
#include "server/config/config.h"
#include "server/config/option_list.h"
#include "server/siobroker.h"

/* All of them, in the order of --help. */
extern const sio_option sio_options_table[];

/* Result of sio_options_parse: start the server. Otherwise the result is an exit status. */
enum { SIO_OPTIONS_RUN = -1, SIO_OPTIONS_DONE = 0, SIO_OPTIONS_USAGE = 2 };

/*
 * Read the command line, and the file named by --config, into an initialised *cfg, and
 * check the whole. Flags win over the file wherever they stand. The options of the program itself
 * are given to program->take (NULL: to nobody) once the command line is known to be well formed.
 *
 * SIO_OPTIONS_RUN: run with *cfg. SIO_OPTIONS_DONE: output has the text for stdout
 * (--help, --version, --check-config); exit 0. SIO_OPTIONS_USAGE: output has lines for
 * stderr; exit 2. Uses getopt_long, whose state is global: one call at a time.
 */
int sio_options_parse(int argc, char *const argv[], const sio_program *program, sio_cfg *cfg,
                      sio_buf *output);

#endif
