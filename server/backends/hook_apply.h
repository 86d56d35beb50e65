/*
 * server/backends/hook_apply.h - what a backend answers to an event is done.
 */
#ifndef SIO_BACKENDS_HOOK_APPLY_H
#define SIO_BACKENDS_HOOK_APPLY_H

#include "protocol/backend_answer.h"
#include "server/backends/commands.h"

/* Whom an answer is about. */
typedef struct {
    sio_env           *env;
    sio_commands      *commands;
    sio_socket *const *socket; /* NULL: it has left, which may happen on the way */
    const char        *nsp;    /* "/" is the default one */
    const char        *token;  /* of the acknowledgement that the client waits for; "": none */
} sio_hook_apply;

/*
 * In this turn, in this order: user, data, join, leave, ack, emit, commands, disconnect. What can
 * not be done is left out, and in the log.
 */
void sio_hook_apply_answer(const sio_hook_apply *h, const sio_backend_answer *a);

#endif
