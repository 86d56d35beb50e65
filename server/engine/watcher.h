/*
 * server/engine/watcher.h - whoever has to know what becomes of sessions.
 *
 * Those who tell others of them: other instances (roaming/presence.h), and whatever else shares a
 * cluster. They are added before the first session, and told in the order in which they were added.
 * With one instance alone there are none.
 */
#ifndef SIO_ENGINE_WATCHER_H
#define SIO_ENGINE_WATCHER_H

#include "protocol/view.h"
#include "server/engine/session.h"

/* Any of them may be NULL. None may end the session. */
typedef struct sio_watcher {
    /* A session got its id, with that handshake (JSON). It is not told to the client yet. */
    void (*made)(sio_env *env, sio_view id, sio_view handshake);
    /* It has begun: requests find it here. */
    void (*opened)(sio_session *s);
    /* Its first request has come, and its dialect has not heard of that yet. */
    void (*connected)(sio_session *s);
    /* Another transport carries it than before: an upgrade, say. */
    void (*carried)(sio_session *s);
    /* It has ended: its sockets have left, its goodbye may wait. */
    void (*ended)(sio_session *s);
    /* Requests do not find it any more. */
    void (*forgotten)(sio_session *s);
} sio_watcher;

/* From now on w, which outlives the server, is told. At most SIO_MAX_WATCHERS. */
void sio_watcher_add(sio_env *env, const sio_watcher *w);

/* Nobody is told any more. */
void sio_watcher_remove_all(sio_env *env);

/* Called where it happens: session.c, and those who make handshakes. */
void sio_watcher_made(sio_env *env, sio_view id, sio_view handshake);
void sio_watcher_opened(sio_session *s);
void sio_watcher_connected(sio_session *s);
void sio_watcher_carried(sio_session *s);
void sio_watcher_ended(sio_session *s);
void sio_watcher_forgotten(sio_session *s);

#endif
