/*
 * server/cli/command.h - one subcommand of the program: `siobroker check --strict`.
 *
 * A table says what there is to say about it: --help, the manual and completion are made of it.
 * cli.c has the list of all commands. Results go to standard output, and what is wrong to standard
 * error, in one line that begins with "siobroker COMMAND: ".
 */
#ifndef SIO_CLI_COMMAND_H
#define SIO_CLI_COMMAND_H

#include "server/config/option_list.h"

enum { SIO_COMMAND_MAX_OPTIONS = 16, SIO_COMMAND_MAX_MORE = 64 };

/* What is common to exit statuses of commands; the texts say more. */
enum { SIO_COMMAND_DONE = 0, SIO_COMMAND_FAILED = 1, SIO_COMMAND_USAGE = 2 };

typedef struct sio_command sio_command;

/* A command line that has been read. */
typedef struct {
    const sio_command        *command;
    const char               *values[SIO_COMMAND_MAX_OPTIONS]; /* for sio_command_line_value() */
    const char               *operand;                         /* NULL: none */
    const char               *more[SIO_COMMAND_MAX_MORE];      /* operands behind it */
    size_t                    n_more;
    const sio_command *const *all; /* every command there is, for those that tell of them; NULL */
} sio_command_line;

struct sio_command {
    const char *name;
    const char *operand; /* in capitals: what has to be there; NULL: nothing may be */
    const char *more;    /* in capitals: what may follow it, several times; NULL: nothing may */
    const char *words;   /* what the operand may be, with blanks between them; NULL: much */
    const char *summary; /* a part of a line, without full stop */
    const char *about;   /* lines for --help and the manual, with line ends between them */
    const char *exits;   /* the same, about the exit status; NULL: 0, or 1 when it has failed */
    sio_option  options[SIO_COMMAND_MAX_OPTIONS]; /* ends with a row without a name */
    int (*run)(const sio_command_line *line);     /* the exit status */
};

#endif
