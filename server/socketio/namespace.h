/*
 * server/socketio/namespace.h - namespaces and the sockets in them: who is where, whatever they speak.
 *
 * A socket is one session in one namespace. Nothing here knows a protocol revision.
 * Rules: spec/socketio-0.9.md section 6.
 */
#ifndef SIO_SOCKETIO_NAMESPACE_H
#define SIO_SOCKETIO_NAMESPACE_H

#include <stdbool.h>

#include "protocol/cluster_message.h"
#include "protocol/list.h"
#include "protocol/view.h"
#include "server/base/deferred.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/siobroker.h"
#include "server/socketio/packet.h"
#include "store/hash.h"

typedef struct sio_recovery_state sio_recovery_state;

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
    sio_authorize_fn authorize; /* NULL: everyone may join */
    void            *authorize_arg;
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
    sio_link            in_session;
    sio_hash_node node; /* its key is the id; in nsp->ids, unless it is the id of the session */
    char         *handshake;     /* with the query of the namespace; NULL: that of the session */
    char         *auth;          /* what the client sent to join, a JSON object; NULL: nothing */
    sio_link      memberships;   /* one for each room */
    sio_link      acks;          /* callbacks that wait for the client */
    sio_link      data_requests; /* callbacks that wait for the store */
    void         *user_data;
    uint64_t      connected_ms; /* when, since 1970 */
    const sio_incoming *ack;    /* while a callback is told of it */
    unsigned            n_rooms;
    unsigned            n_acks;
    char                own_id[]; /* empty: it has the id of the session */
};

/* What the application makes of one. */
struct sio_event {
    const sio_incoming *in;
    struct cJSON      **tree; /* made on demand, freed after the callback */
};

/* The namespace called name, or NULL when the application did not make it. */
sio_namespace *sio_namespace_find(sio_env *env, sio_view name);

void sio_namespace_free(sio_namespace *nsp);

/* The task that frees the sockets which have left in this turn. */
void sio_socket_free_left(sio_task *task);

/* The session's socket in the namespace called name, or NULL when it has not joined. */
sio_socket *sio_socket_of_session(sio_session *session, sio_view name);

/* The socket with that id, or NULL. */
sio_socket *sio_namespace_socket(const sio_namespace *nsp, sio_view id);

static inline sio_view
sio_socket_id(const sio_socket *socket)
{
    return socket->node.key;
}

/*
 * Take the socket out of its namespace and raise `disconnect`. Its memory lasts until the end of the
 * turn, not until the end of the session: a client may join and leave as often as it likes.
 */
void sio_socket_leave(sio_socket *socket, const char *reason);

/* --- connect.c --- */

/*
 * The session wants to join: once the application allows it, CONNECT is queued and `connection` is
 * raised. Joining twice is only confirmed again (6.1). auth is what the client says about itself, a
 * JSON object; query, as it stood in the request, goes before that of the handshake. Either may be
 * empty.
 */
void sio_connect_join(sio_namespace *nsp, sio_session *session, sio_view auth, sio_view query);

/* Does the application have to decide whether the session joins? */
bool sio_connect_is_pending(sio_session *session, const sio_namespace *nsp);

/* The session is over: nobody waits for verdicts any more. */
void sio_connect_abandon(sio_session *session);

/* --- events.c --- */

/* Hand what a client sent to the application. The session may end in this call. */
void sio_events_receive(sio_socket *socket, const sio_incoming *in);

void sio_events_free_handlers(sio_namespace *nsp);

/* --- client_data.c --- */

/* The application is not called back any more. */
void sio_client_data_abandon(sio_socket *socket);

/* A client that has come back gets the data of the session that it had. */
void sio_client_data_inherit(sio_session *session, sio_view from);

/* The session is over: its data live on for a while. */
void sio_client_data_expire(sio_session *session);

/* --- rooms.c --- */

void sio_rooms_leave_all(sio_socket *socket);

/* Which sockets of a namespace. Lists are those of sio_cluster_message_add_packet(). */
typedef struct {
    bool              has_room; /* members of room or of one in the list; otherwise everyone */
    sio_view          room;
    sio_view          more_rooms;   /* list */
    sio_view          except_rooms; /* list: not their members */
    const sio_socket *except;       /* not this one; may be NULL */
} sio_target;

/*
 * Call fn for each of them on this instance, once. fn may not change who is where. The room named
 * as a socket's id is that socket.
 */
void sio_rooms_walk(sio_namespace *nsp, const sio_target            *target,
                    void (*fn)(sio_socket *socket, void *arg), void *arg);

/* --- bulk.c --- */

/*
 * Let those sockets of this instance do that; room is what they join or leave, without a NUL in it.
 * 0, or -1 when out of memory or not all could join. Applications may be told of it in this call.
 */
int sio_bulk_move(sio_namespace *nsp, const sio_target *target, sio_cluster_move move,
                  sio_view room);

/* --- broadcast.c --- */

/* Send p to one socket, which is connected. */
void sio_broadcast_send_to_socket(sio_socket *socket, const sio_packet *p, bool is_volatile);

/* Send p to the sockets of this instance. */
void sio_broadcast_send(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                        const sio_packet *p);

#endif
