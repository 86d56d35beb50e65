/*
 * server/cli/admin_client.h - asking the admin listener of a running broker (server/admin/).
 *
 * Where it is: --admin, or the first address of "admin listen" in the file of --config, or the
 * environment variable SIOBROKER_ADMIN. With which key: --key, or "admin key" of that file, or
 * SIOBROKER_ADMIN_KEY; none is needed on the same machine.
 */
#ifndef SIO_CLI_ADMIN_CLIENT_H
#define SIO_CLI_ADMIN_CLIENT_H

#include "server/cli/command_line.h"
#include "server/cli/web_request.h"

/* Rows for the options of each command that asks. */
#define SIO_ADMIN_CLIENT_OPTIONS                                                                  \
    {'a',                                                                                         \
     "admin",                                                                                     \
     "ADDRESS",                                                                                   \
     "where the admin listener is: host:port or unix:/path\n"                                     \
     "(default: what SIOBROKER_ADMIN says)",                                                      \
     NULL,                                                                                        \
     NULL},                                                                                       \
        {'c', "config", "FILE", "take address and key from this configuration file", NULL, NULL}, \
    {                                                                                             \
        'k', "key", "PLACE",                                                                      \
            "where its key is: file:PATH or env:NAME\n"                                           \
            "(default: env:SIOBROKER_ADMIN_KEY)",                                                 \
            NULL, NULL                                                                            \
    }

/* Where to ask. */
typedef struct {
    sio_buf            text; /* what `at` views; with a NUL */
    sio_buf            key;  /* with a NUL; empty: none */
    sio_listen_address at;
} sio_admin_client;

/*
 * Find out where, as the command line says. SIO_COMMAND_DONE, or SIO_COMMAND_USAGE and standard
 * error says what is missing. Free it either way.
 */
int sio_admin_client_init(sio_admin_client *c, const sio_command_line *line);

void sio_admin_client_fini(sio_admin_client *c);

/*
 * Ask once. SIO_COMMAND_DONE: *body, which has been initialised, is that of an answer 200.
 * SIO_COMMAND_FAILED: standard error says why.
 */
int sio_admin_client_ask(const sio_admin_client *c, const sio_command_line *line,
                         const char *method, sio_view target, sio_buf *body);

#endif
