/*
 * server/cli/cli.h - the commands of the program, beside running a broker.
 *
 * Called by main.c, first of all. None of it is in the library.
 */
#ifndef SIO_CLI_CLI_H
#define SIO_CLI_CLI_H

/*
 * If the first argument is the name of a command, run it; if it looks like one but is none, say so.
 * The exit status, or -1: there is no command, so a broker is to be run.
 */
int sio_cli_run(int argc, char *argv[]);

#endif
