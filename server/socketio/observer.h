/*
 * server/socketio/observer.h - whoever has to know where sockets are, and what namespaces there are.
 *
 * They are added before the first socket, and told in the order in which they were added; without
 * any, each word costs one comparison. Sessions have watchers (engine/watcher.h).
 */
#ifndef SIO_SOCKETIO_OBSERVER_H
#define SIO_SOCKETIO_OBSERVER_H

#include "server/socketio/namespace.h"

/* Any of them may be NULL. None may change where a socket is, or end its session. */
typedef struct sio_observer {
    /* The namespace is there, for sockets to join, or is not any more. */
    void (*opened)(const sio_namespace *nsp);
    void (*closed)(const sio_namespace *nsp);
    /* It is in its namespace; the client and the application do not know yet. */
    void (*joined)(const sio_socket *socket);
    /* It is not any more; the rooms in which it was are still known. */
    void (*left)(const sio_socket *socket, const char *reason);
    /* Its data are others. */
    void (*changed)(const sio_socket *socket);
    /* It is in that room, which is not the one called as itself. */
    void (*entered)(const sio_socket *socket, const char *room);
    /* It leaves that room, and stays in its namespace. */
    void (*exited)(const sio_socket *socket, const char *room);
    /* A client that has left nsp may come back, and is told then what was said to its rooms. */
    void (*kept)(const sio_recovery_state *state);
    /* It is back, or is not waited for any more; maybe elsewhere. */
    void (*taken)(const sio_recovery_state *state);
} sio_observer;

/*
 * Somebody who looks at every event. There is at most one, and only while he looks (io->onlooker):
 * otherwise an event costs nothing for it.
 */
typedef struct sio_onlooker {
    /* A client has sent it, and an application may hear it: EVENT, MESSAGE or JSON. */
    void (*received)(const sio_socket *socket, const sio_incoming *in);
    /* It is sent to that client; the same, or ACK. May not send anything in the call. */
    void (*sent)(const sio_socket *socket, const sio_packet *p);
} sio_onlooker;

/*
 * From now on o, which outlives the server, is told; of the namespaces that are there, too. At most
 * SIO_MAX_OBSERVERS (io.h).
 */
void sio_observer_add(sio_env *env, const sio_observer *o);

/* Nobody is told any more. */
void sio_observer_remove_all(sio_env *env);

/* Called where it happens. */
void sio_observer_opened(const sio_namespace *nsp);
void sio_observer_closed(const sio_namespace *nsp);
void sio_observer_joined(const sio_socket *socket);
void sio_observer_left(const sio_socket *socket, const char *reason);
void sio_observer_changed(const sio_socket *socket);
void sio_observer_entered(const sio_socket *socket, const char *room);
void sio_observer_exited(const sio_socket *socket, const char *room);
void sio_observer_kept(const sio_recovery_state *state);
void sio_observer_taken(const sio_recovery_state *state);

#endif
