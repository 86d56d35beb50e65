/*
 * server/config/option_list.h - a table of options, from which the command line is read, --help is
 * printed, and manual and completion are made.
 *
 * Called by options.c for the options of the program, and by server/cli/ for those of its commands.
 */
#ifndef SIO_CONFIG_OPTION_LIST_H
#define SIO_CONFIG_OPTION_LIST_H

#include "protocol/buf.h"

enum {
    SIO_OPTION_LIST_MAX = 64, /* options of one table, those of an application with them */
    SIO_OPTION_NO_LETTER = 256
};

typedef struct {
    int         code;    /* the letter; from SIO_OPTION_NO_LETTER on: a number, as it has none */
    const char *name;    /* without the dashes */
    const char *value;   /* what follows, in capitals; FILE and ...: completed; NULL: nothing */
    const char *help;    /* lines with line ends between them; none at the end */
    const char *setting; /* the key that it sets; NULL: none */
    const char *words;   /* what the value may be, with blanks between them; NULL: much */
} sio_option;

/* A table ends with a row without a name. Every one has this row. */
#define SIO_OPTION_HELP                                      \
    {                                                        \
        'h', "help", NULL, "print this and exit", NULL, NULL \
    }

/*
 * An option with its value (NULL where it has none); or, without option, an operand. SIO_OK to go
 * on; anything else ends the reading, and is its result.
 */
typedef int (*sio_option_taker)(void *arg, const sio_option *option, const char *value);

/*
 * Read argv[1..argc), giving all that is there to take, in order. SIO_OK, what take has returned,
 * or SIO_BAD with one line in error, which says where help is. command: what the line begins with,
 * "siobroker" or "siobroker check". Uses getopt_long, whose state is global: one call at a time.
 */
int sio_option_list_read(const sio_option *options, const char *command, int argc,
                         char *const argv[], sio_option_taker take, void *arg, sio_buf *error);

/* Append the line `COMMAND: PROBLEM "WHAT"; see COMMAND --help`. What is quoted is safe to show. */
void sio_option_list_refuse(const char *command, const char *problem, const char *what,
                            sio_buf *error);

/* Append what --help says of each. */
void sio_option_list_describe(const sio_option *options, sio_buf *out);

#endif
