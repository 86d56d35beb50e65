/*
 * server/roaming/ending.h - a session is to end, wherever it is.
 *
 * Called for ?disconnect, and for other instances that were asked for it. Rules:
 * spec/socketio-0.9.md sections 1.6 and 8.6.
 */
#ifndef SIO_ROAMING_ENDING_H
#define SIO_ROAMING_ENDING_H

#include "protocol/view.h"

typedef struct sio_env sio_env;

/* End the session, which is here, or of which this instance is told where it is; as if by `0::`. */
void sio_ending_begin(sio_env *env, sio_view id);

/* Forget those that are being looked for, as at the end of the server. */
void sio_ending_cancel_all(sio_env *env);

#endif
