/*
 * server/cli/side_client.h - asking a listener of a running broker that is not for clients: the
 * admin listener (admin_client.h), or the HTTP API (api_client.h).
 *
 * Where it is: an option, or the first address of a setting in the file of --config, or a variable
 * of the environment. With which key: --key, or that of the file, or another variable; none is
 * needed where a listener asks for none.
 */
#ifndef SIO_CLI_SIDE_CLIENT_H
#define SIO_CLI_SIDE_CLIENT_H

#include "server/cli/command_line.h"
#include "server/cli/web_request.h"
#include "server/config/config.h"

enum { SIO_SIDE_CLIENT_PATIENCE_MS = 5000 };

typedef struct {
    const char *option;      /* that says the address: "admin" */
    const char *setting;     /* what there is to set, in words: "\"admin listen\"" */
    const char *address_env; /* a variable with the address */
    const char *key_place;   /* one with the key: "env:NAME" */
    const sio_texts *(*listen)(const sio_cfg *cfg);
    const char *(*key)(const sio_cfg *cfg);
} sio_side_client_kind;

/* Where to ask. */
typedef struct {
    sio_buf            text; /* what `at` views */
    sio_buf            key;  /* empty: none */
    sio_listen_address at;
} sio_side_client;

/* An answer, and what it views. */
typedef struct {
    sio_buf        in;
    sio_web_answer answer;
} sio_side_answer;

/*
 * Find out where, as the command line says; *kind is for the call only. SIO_COMMAND_DONE, or
 * SIO_COMMAND_USAGE and standard error says what is missing. Free it either way.
 */
int sio_side_client_init(sio_side_client *c, const sio_side_client_kind *kind,
                         const sio_command_line *line);

void sio_side_client_fini(sio_side_client *c);

/* Connect. SIO_OK; or SIO_ERR_SYS, and error says why not. Close *s either way. */
int sio_side_client_connect(const sio_side_client *c, sio_stream *s, sio_buf *error);

/*
 * Write a request, with a body of JSON unless that is empty. stays: the connection is for more of
 * them. SIO_OK, or error says why not.
 */
int sio_side_client_request(const sio_side_client *c, sio_stream *s, const char *method,
                            sio_view target, sio_view body, bool stays, sio_buf *error);

/* Read the answer. SIO_OK, or error says why not. *a has been initialised with zeros. */
int sio_side_client_answer(sio_stream *s, sio_side_answer *a, sio_buf *error);

void sio_side_answer_fini(sio_side_answer *a);

/* All of these, once. SIO_OK, or error says why not, with the address. */
int sio_side_client_ask(const sio_side_client *c, const char *method, sio_view target,
                        sio_view body, sio_side_answer *a, sio_buf *error);

#endif
