/*
 * server/adapter/remote_ack.h - an acknowledgement by a token, of whatever instance.
 *
 * sio_ack_by_token() is here. The token names the instance that has the socket
 * (socketio/ack_tokens.h). If that is another, it gets a numbered message, so that it acknowledges
 * once, and answers whether the token was good.
 */
#ifndef SIO_ADAPTER_REMOTE_ACK_H
#define SIO_ADAPTER_REMOTE_ACK_H

#include "server/cluster/module.h"

/* Both sides. */
extern const sio_cluster_module sio_remote_ack_module;

/* The server ends: whoever waits is told what is known. */
void sio_remote_ack_finish_all(sio_env *env);

#endif
