/*
 * server/backends/command_run.h - a command being done: what it needs, and how its end is told.
 *
 * It is on the stack of sio_commands_run(), or, once it waits for others, in the list of
 * commands.h.
 */
#ifndef SIO_BACKENDS_COMMAND_RUN_H
#define SIO_BACKENDS_COMMAND_RUN_H

#include "server/backends/commands.h"
#include "server/siobroker.h"

typedef struct {
    sio_link       link;
    sio_env       *env;
    sio_commands  *commands;
    sio_namespace *nsp;
    bool           is_local;
    size_t         limit; /* of what is listed */
    /* Of SET, copied. */
    char    *socket;
    bool     sets_user, sets_data;
    char    *user; /* NULL: none any more */
    char    *data; /* likewise */
    bool     sets_expires;
    uint64_t expires_s;

    sio_commands_fn fn;
    void           *arg;
} sio_command_run;

/* The receivers that a command names; views it. */
sio_to sio_command_run_receivers(const sio_backend_command *c);

/* --- Telling what came of it. --- */

void sio_command_run_tell(const sio_command_run *r, const sio_outcome *outcome);

/* It was not done; as of sio_outcome. */
void sio_command_run_tell_error(const sio_command_run *r, const char *code, const char *at,
                                const char *why);

/* It is done, with how many instances were told; or not: rc, of a function of siobroker.h. */
void sio_command_run_tell_done(const sio_command_run *r, int rc);

/* A result: begin it, add its members (json_member.h), and end it: it is told, and json freed. */
void sio_command_run_begin_json(sio_buf *json);
void sio_command_run_end_json(const sio_command_run *r, sio_buf *json);

/* --- Waiting for others. --- */

/* A copy of r that can wait. NULL: it can not, and that has been told. */
sio_command_run *sio_command_run_keep(const sio_command_run *r);

/* rc: of the function that asks the others, with r as its arg. If it failed, r ends. */
void sio_command_run_check_begun(sio_command_run *r, int rc);

/* The result that is begun in json, with how many have answered. r ends. */
void sio_command_run_end_answers(sio_command_run *r, sio_buf *json, const sio_answers *answers);

/* Forget one that was kept. */
void sio_command_run_free(sio_command_run *r);

#endif
