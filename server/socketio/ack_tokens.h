/*
 * server/socketio/ack_tokens.h - acknowledgements that an application gives later, by a text that
 * names one: sio_ack_token().
 *
 *     token   tag '.' random
 *     tag     of the instance that has the socket, and knows the token
 *     random  16 characters of base64url
 *
 * Whoever has the token may acknowledge, once. It can not be guessed, and tells any instance whom
 * to ask (adapter/remote_ack.h).
 */
#ifndef SIO_SOCKETIO_ACK_TOKENS_H
#define SIO_SOCKETIO_ACK_TOKENS_H

#include "server/socketio/arguments.h"
#include "server/socketio/packet.h"

/* The tag in it; empty: it is no token. */
sio_view sio_ack_tokens_tag(sio_view token);

/*
 * Send p, an acknowledgement that lacks its namespace and its id, to the client that waits for it.
 * SIO_OK, or SIO_ERR_NOT_FOUND: the token is not known here, or not any more.
 */
int sio_ack_tokens_use(sio_env *env, sio_view token, sio_packet *p);

/* The socket leaves: its tokens are good for nothing. */
void sio_ack_tokens_drop(sio_socket *socket);

#endif
