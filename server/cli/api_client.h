/*
 * server/cli/api_client.h - asking the HTTP API of a running broker (server/backends/).
 */
#ifndef SIO_CLI_API_CLIENT_H
#define SIO_CLI_API_CLIENT_H

#include "server/cli/side_client.h"

/* Rows for the options of each command that asks. */
#define SIO_API_CLIENT_OPTIONS                                                               \
    {'A',                                                                                    \
     "api",                                                                                  \
     "ADDRESS",                                                                              \
     "where the HTTP API is: host:port or unix:/path\n"                                      \
     "(default: what SIOBROKER_API says)",                                                   \
     NULL,                                                                                   \
     NULL},                                                                                  \
        {'c',  "config", "FILE", "take address and first key from this configuration\nfile", \
         NULL, NULL},                                                                        \
    {                                                                                        \
        'k', "key", "PLACE",                                                                 \
            "where its key is: file:PATH or env:NAME\n"                                      \
            "(default: env:SIOBROKER_API_KEY)",                                              \
            NULL, NULL                                                                       \
    }

/* As sio_side_client_init, which says how to free it. */
int sio_api_client_init(sio_side_client *c, const sio_command_line *line);

/*
 * What an answer says is wrong: "400 bad_command: name: is missing". SIO_OK: nothing, its status is
 * 200; or SIO_BAD, and error has that.
 */
int sio_api_client_judge(const sio_web_answer *answer, sio_buf *error);

#endif
