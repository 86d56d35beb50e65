/*
 * server/transport/post09.h - the packets of a POST body; shared by the HTTP transports of
 * socket.io 0.9.
 */
#ifndef SIO_TRANSPORT_POST09_H
#define SIO_TRANSPORT_POST09_H

#include "server/http/exchange.h"
#include "server/transport/transport.h"

typedef struct sio_session sio_session;

/*
 * Hand each packet of body to take: one packet or a payload, valid UTF-8 (3.5). What comes after
 * "max payload packets" is dropped. SIO_OK.
 */
int sio_post09_payload(sio_env *env, sio_view body, sio_post_take take, void *arg);

/* Let session receive the packets of a POST body; of a websocket, it is one packet. */
void sio_post09_receive(const sio_transport *transport, sio_session *session, sio_view body);

/* The answer to every POST, whatever becomes of its packets (2.3). */
void sio_post09_answer(sio_exchange *x, sio_view origin);

#endif
