/*
 * server/roaming/presence.h - the other instances know which sessions are here.
 *
 * The store has the set of them, for those who survive this instance; the home of a session, where
 * its handshake was made, is told that it is here, and when it is not any more.
 */
#ifndef SIO_ROAMING_PRESENCE_H
#define SIO_ROAMING_PRESENCE_H

typedef struct sio_env sio_env;

/* From now on watch the sessions. */
void sio_presence_join(sio_env *env);

/* Tell the store (again) that this instance is there, and which sessions it has; it has no others. */
void sio_presence_register(sio_env *env);

#endif
