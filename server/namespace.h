/*
 * server/namespace.h - namespaces and the sockets in them: who is where, whatever they speak.
 *
 * A socket is one session in one namespace. Nothing here knows a protocol revision.
 * Rules: spec/socketio-0.9.md section 6.
 */
#ifndef SIO_NAMESPACE_H
#define SIO_NAMESPACE_H

#include <stdbool.h>

#include "protocol/view.h"
#include "server/list.h"
#include "server/packet.h"
#include "server/siobroker.h"
#include "server/turn.h"
#include "store/hash.h"

struct sio_namespace {
    sio_link    link; /* in server->namespaces */
    sio_server *server;
    sio_view    name; /* owned, NUL-terminated */
    sio_link    sockets;
    sio_hash    rooms;    /* name -> sio_room */
    sio_link    handlers; /* of events, by name */

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

struct sio_socket {
    sio_link       in_namespace; /* or in server->left_sockets */
    sio_link       in_session;
    sio_namespace *nsp;
    sio_session   *session;
    sio_link       memberships;   /* one for each room */
    sio_link       acks;          /* callbacks that wait for the client */
    sio_link       data_requests; /* callbacks that wait for the store */
    void          *user_data;
    uint64_t       last_ack_id;
    unsigned       n_rooms;
    unsigned       n_acks;
    bool           connected;
    bool           is_passed_over; /* by the broadcast that is being sent */
};

/* What a client sent, above any wire format. Views live during the call. */
typedef struct {
    sio_packet_type type;   /* EVENT, MESSAGE or JSON */
    sio_view        name;   /* EVENT: JSON string with its quotes */
    sio_view        args;   /* EVENT: JSON array, or empty */
    sio_view        data;   /* MESSAGE: text; JSON: a JSON value */
    sio_view        ack_id; /* of the acknowledgement with data that is wanted; else empty */
} sio_incoming;

/* The namespace called name, or NULL when the application did not make it. */
sio_namespace *sio_namespace_find(sio_server *s, sio_view name);

void sio_namespace_free(sio_namespace *nsp);

/* The task that frees the sockets which have left in this turn. */
void sio_free_left_sockets(sio_task *task);

/*
 * The session wants to join: once the application allows it, CONNECT is queued and `connection` is
 * raised. Joining twice is only confirmed again (6.1).
 */
void sio_namespace_join(sio_namespace *nsp, sio_session *session);

/* The session is over: nobody waits for verdicts any more. */
void sio_session_abandon_joins(sio_session *session);

/* The session's socket in the namespace called name, or NULL when it has not joined. */
sio_socket *sio_session_socket(sio_session *session, sio_view name);

/*
 * Take the socket out of its namespace and raise `disconnect`. Its memory lasts until the end of the
 * turn, not until the end of the session: a client may join and leave as often as it likes.
 */
void sio_socket_leave(sio_socket *socket, const char *reason);

/* --- events.c --- */

/* Hand what a client sent to the application. The session may end in this call. */
void sio_socket_receive(sio_socket *socket, const sio_incoming *in);

/* The client answered an acknowledgement; args: JSON array or empty. Unknown ids are ignored. */
void sio_socket_receive_ack(sio_socket *socket, sio_view ack_id, sio_view args);

void sio_namespace_free_handlers(sio_namespace *nsp);

/* Ask for an acknowledgement of p, and call fn when it comes. 0, or -1 when out of memory. */
int sio_socket_await_ack(sio_socket *socket, sio_packet *p, sio_ack_fn fn, void *arg);

/* Forget the callbacks that wait. */
void sio_socket_free_acks(sio_socket *socket);

/* --- client_data.c --- */

/* The application is not called back any more. */
void sio_socket_abandon_data(sio_socket *socket);

/* The session is over: its data live on for a while. */
void sio_session_expire_data(sio_session *session);

/* --- rooms.c --- */

void sio_socket_leave_rooms(sio_socket *socket);

/* Send p to the sockets of this instance in the namespace, or to those in the room (NULL: all). */
void sio_namespace_send(sio_namespace *nsp, const sio_view *room, bool is_volatile,
                        const sio_packet *p);

#endif
