/*
 * server/backends/commands.h - what commands of backends do, whatever way they came by.
 *
 * An application on siobroker.h: commands are in the words of protocol/backend_command.h, and each
 * becomes one or two calls of what any application has.
 */
#ifndef SIO_BACKENDS_COMMANDS_H
#define SIO_BACKENDS_COMMANDS_H

#include "protocol/backend_command.h"
#include "protocol/list.h"
#include "server/base/env.h"

/* At once, of those that wait for an answer of others. */
enum { SIO_COMMANDS_MAX_WAITING = 1000 };

/* The commands that wait. Zeroed memory is to be initialised. */
typedef struct {
    sio_link waiting;
    unsigned n_waiting;
} sio_commands;

/* What came of a command. */
typedef struct {
    const char *code; /* NULL: it was done; else what stood against it, a word of the manual */
    const char *at;   /* which member that was; "": none alone */
    const char *why;  /* for a person */
    sio_view    json; /* the result, an object */
} sio_outcome;

/* outcome is valid during the call. */
typedef void (*sio_commands_fn)(void *arg, const sio_outcome *outcome);

void sio_commands_init(sio_commands *commands);

/* The server ends: forget all that wait; nobody is told. */
void sio_commands_fini(sio_commands *commands);

/*
 * Do it, and call fn once, in this call or later, but not when the server is freed before. Nothing
 * of c is kept. Sessions may end in this call, and applications are told.
 */
void sio_commands_run(sio_env *env, sio_commands *commands, const sio_backend_command *c,
                      sio_commands_fn fn, void *arg);

#endif
