/*
 * server/backends/stream_work.h - commands from a stream: each is done in its turn, and then
 * acknowledged.
 *
 * They begin in their order. None waits for the result of another, but all wait while it is not
 * known yet whether one with an id was done already, and while one can not be done now, but later:
 * Redis is away, too many wait for answers. What can never be done goes to commands:dead, and is in
 * nobody's way. An entry is kept here until Redis knows that it is done, so that one which is read
 * again meanwhile is not done again.
 */
#ifndef SIO_BACKENDS_STREAM_WORK_H
#define SIO_BACKENDS_STREAM_WORK_H

#include "server/backends/commands.h"
#include "server/backends/idempotency.h"
#include "server/backends/stream_acks.h"
#include "store/hash.h"
#include "store/streams.h"

enum {
    SIO_STREAM_WORK_MAX = 1000,                   /* entries at once; below that more are read */
    SIO_STREAM_WORK_MAX_BYTES = 16 * 1024 * 1024, /* likewise, of their text */
    SIO_STREAM_WORK_A_TURN = 50, /* are begun in a turn of the loop: then others have theirs */
    SIO_STREAM_WORK_AGAIN_MS = 1000
};

typedef struct {
    sio_env               *env;
    sio_commands          *commands;
    sio_idempotency_quota *quota;
    sio_link               waiting; /* in their order */
    sio_link               running;
    sio_stream_acks        acks; /* of those that are done */
    sio_link               told; /* Redis knows; but what is being read may still have them */
    bool                   is_reading;
    sio_hash               known; /* all of them, by id */
    uint64_t               last_number;
    size_t                 n, n_bytes;
    uint64_t               until_ms; /* nothing is begun from then on; 0: nothing is now */
    bool                   is_closed;
    sio_task               next;  /* begin what may begin */
    sio_timer              again; /* set: what could not be done now is tried when it fires */
    sio_timer              soon;  /* set: the next turn begins more */
    /* There may be room for more; not in the call that added. */
    void (*has_room)(void *arg);
    void *arg;
} sio_stream_work;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_stream_work_fini() is still allowed. */
int sio_stream_work_init(sio_stream_work *w, sio_env *env, sio_commands *commands,
                         sio_idempotency_quota *quota, void (*has_room)(void *arg), void *arg);

/* An entry was read; n is 0: it is gone, or too large. Nothing is kept of what is known already. */
void sio_stream_work_add(sio_stream_work *w, sio_view id, const sio_stream_field *fields, size_t n,
                         bool is_too_large);

/*
 * More entries are asked for; then they are here, or nobody tells them any more. What Redis had to
 * say before it knew that an entry is done may be heard after that, and is not to be done again.
 */
void sio_stream_work_begin_read(sio_stream_work *w);
void sio_stream_work_end_read(sio_stream_work *w);

/* Begin until then (as sio_now_ms()), and no more from then on unless it is moved. */
void sio_stream_work_allow(sio_stream_work *w, uint64_t until_ms);

/* Others do it from now on: forget what has not begun. */
void sio_stream_work_forbid(sio_stream_work *w);

bool sio_stream_work_has_room(const sio_stream_work *w);

/* What Redis could not be told is told again. */
void sio_stream_work_acknowledge(sio_stream_work *w);

/* The store is about to go: nothing is begun, and nobody told, any more. */
void sio_stream_work_close(sio_stream_work *w);

/* After all commands have been forgotten. */
void sio_stream_work_fini(sio_stream_work *w);

#endif
