/*
 * server/socketio/io.h - what all namespaces of a server share.
 */
#ifndef SIO_SOCKETIO_IO_H
#define SIO_SOCKETIO_IO_H

#include "protocol/buf.h"
#include "protocol/list.h"
#include "server/base/deferred.h"
#include "server/socketio/namespace.h"
#include "server/socketio/recovery.h"
#include "server/socketio/user_limit.h"

enum {
    SIO_MAX_OBSERVERS = 4,
    SIO_MAX_COUNTED_NAMESPACES = 50 /* each by its name; the others together */
};

typedef struct sio_io {
    sio_env             *env;
    sio_hash             namespaces;
    sio_namespace       *default_namespace;
    sio_link             parents; /* of dynamic.c, in the order they were made */
    unsigned             n_parents, n_dynamic;
    sio_link             idle_namespaces; /* freed at the end of the turn, by idle_task */
    sio_task             idle_task;
    unsigned             n_namespaces;                          /* ever made */
    const sio_namespace *counted[SIO_MAX_COUNTED_NAMESPACES];   /* the first, by number */
    uint64_t         n_sockets[SIO_MAX_COUNTED_NAMESPACES + 1]; /* in each of them; in all others */
    uint64_t         n_walks;                                   /* over sockets, to number them */
    uint32_t         last_ack_id;  /* that clients were asked to send back (acks.h) */
    sio_hash         ack_tokens;   /* of ack_tokens.c, by text */
    sio_link         left_sockets; /* freed at the end of the turn, by left_task */
    sio_task         left_task;
    sio_recovery     recovery;
    const sio_guard *guard; /* NULL: none */
    void            *guard_arg;
    sio_user_limit   user_limit;
    const struct sio_adapter  *adapter;                          /* NULL: this instance is alone */
    const struct sio_observer *observers[SIO_MAX_OBSERVERS + 1]; /* ended by NULL */
    const struct sio_onlooker *onlooker;                         /* NULL: nobody looks */
    bool                       shows_clients; /* data of sockets have `_admin`: describe.h */
    sio_buf                    event_args;    /* of the event being received, as an array */
    sio_buf                    event_name;    /* of the event being sent, as JSON */
} sio_io;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_io_fini() is still allowed. */
int  sio_io_init(sio_env *env);
void sio_io_fini(sio_env *env);

#endif
