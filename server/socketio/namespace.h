/*
 * server/socketio/namespace.h - namespaces and the sockets in them: who is where, whatever they
 * speak.
 *
 * A socket is one session in one namespace. Nothing here knows a protocol revision. What all files
 * of this folder touch is here; what they do is in rooms.h, events.h, socket.h and others.
 * Rules: spec/socketio-0.9.md section 6.
 */
#ifndef SIO_SOCKETIO_NAMESPACE_H
#define SIO_SOCKETIO_NAMESPACE_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "protocol/list.h"
#include "protocol/view.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/siobroker.h"
#include "server/socketio/packet.h"
#include "store/hash.h"

typedef struct sio_recovery_state sio_recovery_state;

/* One of those that are asked in order: nsp.use(), socket.use(). */
typedef struct {
    sio_authorize_fn fn;
    void            *arg;
} sio_middleware;

typedef struct {
    sio_filter_fn fn;
    void         *arg;
} sio_filter;

struct sio_namespace {
    sio_hash_node node; /* in io->namespaces, by name */
    sio_env      *env;
    sio_view      name;   /* owned, NUL-terminated */
    unsigned      number; /* in the order they were made */
    sio_link      sockets;
    sio_hash      ids;      /* of the sockets whose id is not that of their session */
    sio_hash      rooms;    /* name -> sio_room */
    sio_hash      handlers; /* of events, by name */

    void (*on_connection)(sio_socket *socket, void *arg);
    void *connection_arg;
    void (*on_disconnect)(sio_socket *socket, const char *reason, void *arg);
    void            *disconnect_arg;
    sio_event_fn     on_message;
    void            *message_arg;
    sio_event_fn     on_json;
    void            *json_arg;
    sio_event_fn     on_any; /* before all of these */
    void            *any_arg;
    sio_authorize_fn authorize; /* NULL: everyone may join */
    void            *authorize_arg;
    sio_middleware  *guards; /* asked after that one */
    unsigned         n_guards;
    sio_filter      *filters; /* of events */
    unsigned         n_filters;
    sio_room_fn      on_room;
    void            *room_arg;
    void (*free_user_data)(void *data); /* NULL: the application does it */
    sio_link server_handlers;           /* of server_side.c */

    /* Of dynamic.c: namespaces made as clients ask for them. */
    sio_namespace *parent; /* whose callbacks are called here, too; NULL: the application made it */
    unsigned       n_holds;   /* of one with a parent: it is freed when nobody holds it */
    sio_link       idle;      /* in io->idle_namespaces, until the turn ends */
    bool           is_parent; /* nobody is in it itself */
    sio_match_fn   match;
    void          *match_arg;
};

/*
 * A broadcast to many finds nothing of a receiver in the cache of the processor: what it needs of
 * each stands together, here as in sio_session, sio_mailbox and sio_conn.
 */
struct sio_socket {
    sio_link            in_namespace; /* or in io->left_sockets */
    sio_namespace      *nsp;
    sio_session        *session;
    sio_recovery_state *recovery; /* NULL: it can not come back */
    uint64_t            mark;     /* the last walk that came by */
    bool                connected;
    bool                recovered; /* it has come back */
    bool                is_paused; /* its session counts it */
    sio_link            in_session;
    sio_hash_node     node; /* its key is the id; in nsp->ids, unless it is the id of the session */
    char             *handshake;   /* with the query of the namespace; NULL: that of the session */
    char             *auth;        /* what the client sent to join, a JSON object; NULL: nothing */
    struct sio_extra *extra;       /* NULL: nothing of it */
    sio_link          memberships; /* one for each room */
    sio_link          acks;        /* callbacks that wait for the client */
    sio_link          data_requests; /* callbacks that wait for the store */
    void             *user_data;
    uint64_t          connected_ms; /* when, since 1970 */
    const sio_incoming *ack;        /* while a callback is told of it */
    unsigned            n_rooms;
    unsigned            n_acks;
    char                own_id[]; /* empty: it has the id of the session */
};

/* What an application has asked of an event: made on demand, freed after the callback. */
typedef struct {
    struct cJSON *tree;
    sio_buf       name;
} sio_event_parts;

struct sio_event {
    const sio_incoming *in;
    sio_event_parts    *parts;
};

/* The namespace called name, or NULL when the application did not make it. */
sio_namespace *sio_namespace_find(sio_env *env, sio_view name);

/* A new one, in no table. NULL when out of memory. */
sio_namespace *sio_namespace_new(sio_env *env, sio_view name);

/* Now clients can find it; it is counted by its name, as long as few are. */
void sio_namespace_publish(sio_namespace *nsp);

void sio_namespace_free(sio_namespace *nsp);

/*
 * Whoever keeps a pointer to a namespace longer than for one turn of the loop holds it, so that it
 * is not freed when the last client leaves.
 */
static inline sio_namespace *
sio_namespace_hold(sio_namespace *nsp)
{
    nsp->n_holds++;
    return nsp;
}

void sio_namespace_release(sio_namespace *nsp);

/* At the end of a turn: free those that nobody holds. */
void sio_namespace_free_idle(sio_task *task);

/* How many sockets are in it; of one that is not counted by itself: in all of those. */
uint64_t *sio_namespace_count(sio_namespace *nsp);

/* The session's socket in the namespace called name, or NULL when it has not joined. */
sio_socket *sio_socket_of_session(sio_session *session, sio_view name);

/* The socket with that id, or NULL. */
sio_socket *sio_namespace_socket(const sio_namespace *nsp, sio_view id);

static inline sio_view
sio_socket_id(const sio_socket *socket)
{
    return socket->node.key;
}

#endif
