/*
 * server/backends/api_steps.h - the commands of one request to the HTTP API, one after the other.
 *
 * They begin in their order. None waits for the result of another, unless it is said that they stop
 * on an error; and none begins while it is not known yet whether the one before it was done already
 * (idempotency.h).
 */
#ifndef SIO_BACKENDS_API_STEPS_H
#define SIO_BACKENDS_API_STEPS_H

#include "server/backends/backends.h"

typedef struct sio_api_steps sio_api_steps;

/* A command. */
typedef struct {
    sio_api_steps  *of;
    sio_view        json; /* as the caller has it */
    sio_buf         result;
    unsigned        status;
    bool            is_replayed; /* the result is that of an earlier request */
    sio_idempotency once;        /* if it has an id */
} sio_api_step;

struct sio_api_steps {
    sio_backends            *b;
    sio_env                 *env;
    sio_backend_command_kind kind; /* of the only one; SIO_N_BACKEND_COMMANDS: of a batch */
    bool                     has_key;
    char                     key[33];         /* its name */
    char          id[SIO_BACKEND_MAX_ID + 1]; /* of the header Idempotency-Key; "": none */
    bool          stops_on_error;
    bool          has_failed; /* one has */
    bool          is_looking; /* one waits to know whether it was done already */
    size_t        n, n_begun, n_ended;
    size_t        n_result_bytes; /* of a batch */
    sio_api_step *list;
    sio_task      next;                 /* begin what may begin */
    void (*done)(sio_api_steps *steps); /* all that may begin has ended; *steps may go */
};

/* key: NULL where none is needed. There are no commands yet. */
void sio_api_steps_init(sio_api_steps *s, sio_backends *b, sio_env *env,
                        sio_backend_command_kind kind, const sio_cfg_api_key *key,
                        void (*done)(sio_api_steps *steps));

/*
 * Results that wait for the end of their batch, and of all batches. One that would be too much is
 * not told, as its command was done already; unless it is small, of which there are few in a batch.
 */
enum {
    SIO_API_STEPS_MAX_RESULT_BYTES = 16 * 1024 * 1024,
    SIO_API_STEPS_MAX_ALL_RESULT_BYTES = 64 * 1024 * 1024,
    SIO_API_STEPS_SMALL_RESULT_BYTES = 1024
};

/* n commands, once; the caller sets their json. They count in n_request_bytes. False: no memory. */
bool sio_api_steps_make(sio_api_steps *s, size_t n);

/* Begin what may begin; done is called in this call or later. */
void sio_api_steps_run(sio_api_steps *s);

/* The store is about to go: nobody tells any more whether they were done already. */
void sio_api_steps_stop(sio_api_steps *s);

/* Forget them; not while one of them runs. */
void sio_api_steps_fini(sio_api_steps *s);

#endif
