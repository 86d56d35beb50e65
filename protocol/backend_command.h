/*
 * protocol/backend_command.h - what a backend tells the broker to do: commands in JSON.
 *
 *     {"do":"emit","to":"room","name":"news","args":[1]}
 *
 * Called by server/backends/, whatever way a command came by, and by server/config/ for the names.
 * Nothing in it is done here, and what clients will get passes through as its bytes: numbers stay
 * as they were written. Pure; allocates only through sio_buf; never recursive. Rule: the manual,
 * "Backends".
 */
#ifndef SIO_PROTOCOL_BACKEND_COMMAND_H
#define SIO_PROTOCOL_BACKEND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

typedef enum {
    SIO_BACKEND_EMIT,
    SIO_BACKEND_ASK,
    SIO_BACKEND_ACK,
    SIO_BACKEND_JOIN,
    SIO_BACKEND_LEAVE,
    SIO_BACKEND_DISCONNECT,
    SIO_BACKEND_SOCKETS,
    SIO_BACKEND_COUNT,
    SIO_BACKEND_ROOMS,
    SIO_BACKEND_SET,
    SIO_N_BACKEND_COMMANDS
} sio_backend_command_kind;

/* "emit" and so on, by their kinds. */
extern const char *const sio_backend_command_names[SIO_N_BACKEND_COMMANDS];

/* The kind of that name; SIO_N_BACKEND_COMMANDS: there is none. */
sio_backend_command_kind sio_backend_command_find(sio_view name);

enum {
    SIO_BACKEND_MAX_ROOMS = 100, /* in one list */
    SIO_BACKEND_MAX_ATTACHMENTS = 10,
    SIO_BACKEND_MAX_TIMEOUT_MS = 60000,
    SIO_BACKEND_DEFAULT_TIMEOUT_MS = 5000,
    SIO_BACKEND_MAX_LIMIT = 10000,
    SIO_BACKEND_DEFAULT_LIMIT = 1000,
    SIO_BACKEND_MAX_ID = 128, /* bytes of an id, and of the name of a user */
    SIO_BACKEND_MAX_BATCH = 1000
};

#define SIO_BACKEND_MAX_EXPIRES_S 4294967295u /* seconds since 1970: in the year 2106 */

/* Some names of rooms, as siobroker.h takes them: ended by NULL. */
typedef struct {
    const char *names[SIO_BACKEND_MAX_ROOMS + 1];
    size_t      n;
} sio_backend_command_rooms;

/*
 * A command. Texts are C strings, and without U+0000, unless they have a length. What it points to
 * lives as long as the command, and views of JSON as long as that.
 */
typedef struct {
    sio_backend_command_kind  kind;
    const char               *nsp;    /* "/" is the default one */
    bool                      has_to; /* false: everyone in the namespace */
    sio_backend_command_rooms to;     /* with the rooms of "users"; at least one if has_to */
    sio_backend_command_rooms except; /* n is 0: no exception */
    sio_backend_command_rooms rooms;  /* to join or leave */
    sio_view                  name;   /* of an event; UTF-8 */
    sio_view                  args;   /* JSON, an array; empty: none */
    sio_view                  attachments[SIO_BACKEND_MAX_ATTACHMENTS];
    size_t                    n_attachments;
    bool                      is_volatile;
    bool                      is_local;
    bool                      no_compress;
    bool                      whole_answers;
    bool                      closes;     /* disconnect from all namespaces */
    unsigned                  timeout_ms; /* for an answer */
    size_t                    limit;      /* of what is listed */
    const char               *prefix;     /* of names of rooms; "": any */
    const char               *token;      /* of the acknowledgement */
    const char               *socket;     /* whose user and data are set */
    bool                      sets_user;
    const char               *user; /* its room, "user:" and a name; NULL: it has none any more */
    sio_view data; /* JSON, an object, or null: it has none any more; empty: as before */
    bool     sets_expires;
    uint64_t expires_s; /* since 1970; UINT64_MAX: never */
    sio_view id;        /* ASCII: do this once, however often it is said; empty: there is none */
    sio_buf  texts;     /* private */
} sio_backend_command;

/* What is wrong with a command: where, and one line for a person. */
typedef struct {
    char        at[48]; /* "to[3]"; cut when it is long; "": the whole */
    const char *why;
} sio_backend_command_error;

/*
 * Read a command out of json, which is valid. kind: what it has to be; SIO_N_BACKEND_COMMANDS: it
 * says so itself, by its member "do". nsp: its namespace unless it names one; lives as long as the
 * command.
 *
 * SIO_OK; SIO_BAD and SIO_TOO_LARGE with *error; or SIO_ERR_NOMEM. *c is to be given to
 * sio_backend_command_fini() in any case.
 */
int sio_backend_command_read(sio_backend_command *c, sio_view json, sio_backend_command_kind kind,
                             const char *nsp, sio_backend_command_error *error);

void sio_backend_command_fini(sio_backend_command *c);

/* --- Many of them. --- */

typedef struct {
    sio_view commands; /* JSON, an array */
    size_t   n;
    bool     stops_on_error;
} sio_backend_command_batch;

/*
 * Read {"commands":[...],"stop on error":false}, which is valid JSON. As
 * sio_backend_command_read().
 */
int sio_backend_command_batch_read(sio_backend_command_batch *b, sio_view json,
                                   sio_backend_command_error *error);

#endif
