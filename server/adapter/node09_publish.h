/*
 * server/adapter/node09_publish.h - what the other processes are told.
 *
 * Section 8.3 has the messages of Node in their order. Three things are left out or added here:
 *   - the record of a handshake is told once when its session begins; Node tells it twice.
 *   - `close`, and `open` after the first one. They are said when the polls of a client alternate
 *     between processes; each `close` makes all others subscribe to a channel of the session and
 *     keep every broadcast to it, for a poll that never comes.
 *   - `disconnect` at the end. Node acts on it, and without it keeps what it knows of the session
 *     for ever, but does not say it (8.6).
 */
#ifndef SIO_ADAPTER_NODE09_PUBLISH_H
#define SIO_ADAPTER_NODE09_PUBLISH_H

#include "server/engine/session.h"
#include "server/transport/transport.h"

/* From now on they hear what becomes of sessions and sockets, and get broadcasts. */
void sio_node09_publish_join(sio_env *env);

/* A session has ended, here or with an instance that is lost. */
void sio_node09_publish_ended(sio_env *env, sio_view id);

/* Tell all of a session; only its end. Are the messages on their way? */
bool sio_node09_publish_session(sio_session *session);
bool sio_node09_publish_end(sio_env *env, sio_view id);

/* --- Sessions elsewhere. --- */

/* Send a packet, or a payload, to the client of a session, wherever its transport is. */
void sio_node09_publish_to_channel(sio_env *env, sio_view id, sio_view packet);

/*
 * Let the process that has the session receive the packets of a POST body (valid UTF-8), whichever
 * it is. The id is not that of a session here.
 */
void sio_node09_publish_relayed_post(sio_env *env, sio_view id, const sio_transport *transport,
                                     sio_view body);

/* The same for ?disconnect. */
void sio_node09_publish_relayed_end(sio_env *env, sio_view id);

#endif
