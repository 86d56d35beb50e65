/*
 * server/cli/admin_client.h - asking the admin listener of a running broker (server/admin/).
 */
#ifndef SIO_CLI_ADMIN_CLIENT_H
#define SIO_CLI_ADMIN_CLIENT_H

#include "server/cli/side_client.h"

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

/* As sio_side_client_init, which says how to free it. */
int sio_admin_client_init(sio_side_client *c, const sio_command_line *line);

/*
 * Ask once. SIO_COMMAND_DONE: *body, which has been initialised, is that of an answer 200.
 * SIO_COMMAND_FAILED: standard error says why.
 */
int sio_admin_client_ask(const sio_side_client *c, const sio_command_line *line, const char *method,
                         sio_view target, sio_buf *body);

#endif
