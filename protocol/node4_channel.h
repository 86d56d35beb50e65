/*
 * protocol/node4_channel.h - the channels on which servers of socket.io 1 to 4 for Node, and
 * emitters, speak through Redis.
 *
 *     socket.io#/#           events for the default namespace
 *     socket.io#/#room1#     the same, for one room
 *     socket.io-request#/#   what a server asks the others, or lets them do (node4_request.h)
 *     socket.io-response#/#  the answers
 *
 * "socket.io" is what all names of a cluster begin with: the option `key` of Node. Pure.
 * Rule: spec/socketio-ecosystem.md, 1.1.
 */
#ifndef SIO_PROTOCOL_NODE4_CHANNEL_H
#define SIO_PROTOCOL_NODE4_CHANNEL_H

#include "protocol/buf.h"
#include "protocol/view.h"

typedef enum {
    SIO_NODE4_NO_TOPIC, /* of somebody else */
    SIO_NODE4_EVENTS,
    SIO_NODE4_REQUESTS,
    SIO_NODE4_RESPONSES,
} sio_node4_topic;

/* A namespace as Node calls it: the default one has a name there. */
static inline sio_view
sio_node4_channel_name_of(sio_view nsp)
{
    return nsp.len > 0 ? nsp : SIO_VIEW("/");
}

/*
 * What is said on a channel? *rest views what follows the key and the first "#": the namespace, a
 * "#", and what else there is.
 */
sio_node4_topic sio_node4_channel_of(sio_view key, sio_view channel, sio_view *rest);

/*
 * Is that a channel of this namespace? Then *room is the room whose channel it is, or empty. (A
 * response channel may bear an uid there.)
 */
bool sio_node4_channel_is_about(sio_view rest, sio_view nsp, sio_view *room);

/* Append the name of a channel; room empty: that of the whole namespace. */
void sio_node4_channel_add(sio_buf *out, sio_view key, sio_node4_topic topic, sio_view nsp,
                           sio_view room);

/* Append a pattern of PSUBSCRIBE that matches all channels of that kind. */
void sio_node4_channel_add_pattern(sio_buf *out, sio_view key, sio_node4_topic topic);

#endif
