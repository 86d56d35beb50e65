/*
 * server/cli/command_line.h - the arguments of a command, and what --help says of it.
 */
#ifndef SIO_CLI_COMMAND_LINE_H
#define SIO_CLI_COMMAND_LINE_H

#include "protocol/buf.h"
#include "server/cli/command.h"

/*
 * Read argv[1..argc) as the arguments of command. -1: *line, in which `all` is kept, has them, and
 * views argv. Otherwise the exit status, and output has the text for standard output (--help) or
 * standard error.
 */
int sio_command_line_read(sio_command_line *line, const sio_command *command, int argc,
                          char *const argv[], sio_buf *output);

/* The value of an option that the command has, "" for one that takes none; NULL: not given. */
const char *sio_command_line_value(const sio_command_line *line, const char *name);

/*
 * A whole number from least to most in *value, which stays as it is when the option is not given.
 * SIO_COMMAND_DONE, or SIO_COMMAND_USAGE and standard error says what it has to be.
 */
int sio_command_line_number(const sio_command_line *line, const char *name, unsigned least,
                            unsigned most, unsigned *value);

/* Append one line about a command. */
void sio_command_line_describe(const sio_command *command, sio_buf *out);

/* To standard error: "siobroker COMMAND: " and the text, which is safe to show. Returns status. */
int sio_command_line_fail(const sio_command_line *line, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
