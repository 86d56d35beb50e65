/*
 * server/backends/stream_letters.h - what is written about commands from a stream: what came of
 * them, for whoever asked to be told; and those that could not be done, for people.
 *
 * Both are streams, bounded, and nobody waits for them to be written.
 */
#ifndef SIO_BACKENDS_STREAM_LETTERS_H
#define SIO_BACKENDS_STREAM_LETTERS_H

#include "server/backends/commands.h"

enum {
    SIO_STREAM_REPLIES_MAX = 1000, /* entries, about */
    SIO_STREAM_REPLIES_MS = 60000, /* after the last one */
    SIO_STREAM_REPLY_BYTES = 256 * 1024,
    SIO_STREAM_DEAD_MAX = 10000,       /* entries, about */
    SIO_STREAM_DEAD_BYTES = 16 * 1024, /* of the text of a command */
    SIO_STREAM_MAX_REPLY = 64          /* characters of the name of a stream for results */
};

/* A command, as it came. */
typedef struct {
    sio_view entry; /* its id in the stream */
    sio_view reply; /* who is to be told; empty: nobody */
    sio_view json;
} sio_stream_letter;

/* May it be the name of a stream for results? */
bool sio_stream_letters_is_name(sio_view name);

/* What came of it goes to replies:<reply>. */
void sio_stream_letters_reply(sio_env *env, const sio_stream_letter *letter,
                              const sio_outcome *outcome);

/* It can not be done: it goes to commands:dead, with the reason. */
void sio_stream_letters_bury(sio_env *env, const sio_stream_letter *letter,
                             const sio_outcome *outcome);

#endif
