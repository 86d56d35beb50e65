/*
 * server/transport/websocket_read.h - what arrives on a websocket: whole messages, and what is
 * wrong.
 */
#ifndef SIO_TRANSPORT_WEBSOCKET_READ_H
#define SIO_TRANSPORT_WEBSOCKET_READ_H

#include "server/transport/websocket.h"

/*
 * Must its text be UTF-8 (RFC 6455, 8.1)? Servers of 0.9 went on, with U+FFFD in the place of what
 * they could not decode.
 */
static inline bool
sio_websocket_read_checks_text(const sio_websocket *ws)
{
    return ws->channel.ops->engine;
}

/* The most that one message of a channel may have. */
size_t sio_websocket_read_max_bytes(const sio_env *env, const sio_channel_ops *channel);

/*
 * Take the next message from the *n bytes at *bytes, as sio_ws_reader_next does, and inflate one
 * that is compressed. False: there is none yet, and *status is 0, or, with what is wrong counted,
 * the status that ws has to be closed with. The payload is good until the next call, of any
 * websocket. Text is UTF-8 if it is checked.
 */
bool sio_websocket_read_next(sio_websocket *ws, char **bytes, size_t *n, sio_ws_message *out,
                             unsigned *status);

/* The status that answers the close frame of the peer; a bad one is counted. */
unsigned sio_websocket_read_status_to_answer(sio_env *env, sio_view payload);

#endif
