/*
 * server/socketio/arguments.h - from the arguments of an application to packets.
 */
#ifndef SIO_SOCKETIO_ARGUMENTS_H
#define SIO_SOCKETIO_ARGUMENTS_H

#include "protocol/view.h"
#include "server/socketio/namespace.h"

/* Arguments as applications give them. */
typedef struct {
    const char      *json; /* an array; NULL: none */
    const sio_bytes *attachments;
    size_t           n_attachments;
} sio_args;

/* Let p have these arguments, which must live as long. 0, or -1 when they are not valid. */
int sio_arguments_check(const sio_args *args, sio_packet *p);

/*
 * Make *p an event of nsp, good until the next one is made: sending it calls no application code.
 * 0, or -1 when args are not valid or there is no memory.
 */
int sio_arguments_event_packet(const sio_namespace *nsp, const char *event, const sio_args *args,
                               sio_packet *p);

#endif
