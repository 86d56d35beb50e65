/*
 * server/socketio/arguments.h - from the arguments of an application to packets.
 */
#ifndef SIO_SOCKETIO_ARGUMENTS_H
#define SIO_SOCKETIO_ARGUMENTS_H

#include "protocol/view.h"
#include "server/socketio/namespace.h"

/* Arguments as applications give them. */
typedef struct {
    sio_view         json; /* an array; empty: none */
    const sio_bytes *attachments;
    size_t           n_attachments;
    bool             no_compress;
} sio_arguments;

static inline sio_arguments
sio_arguments_of_content(const sio_content *c)
{
    return (sio_arguments){
        {c->args_json, c->args_len}, c->attachments, c->n_attachments, c->no_compress};
}

static inline sio_view
sio_arguments_event_of(const sio_content *c)
{
    return (sio_view){c->event, c->event_len};
}

/*
 * Let p have these arguments, which must live as long. 0, or -1 when they are not valid: then
 * sio_error() tells why, as after all of these.
 */
int sio_arguments_check(sio_env *env, const sio_arguments *args, sio_packet *p);

/* An application has given NULL for content. -1. */
int sio_arguments_no_content(sio_env *env);

/*
 * Make *p an event of nsp, good until the next one is made: sending it calls no application code.
 * 0, or -1 when args are not valid or there is no memory.
 */
int sio_arguments_event_packet(const sio_namespace *nsp, sio_view event, const sio_arguments *args,
                               sio_packet *p);

/* Print a tree (NULL stays NULL) into *text, to be given to the other. 0 or -1. */
int  sio_arguments_print(sio_env *env, const struct cJSON *args, char **text);
void sio_arguments_free_text(char *text);

#endif
