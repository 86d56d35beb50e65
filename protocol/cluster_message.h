/*
 * protocol/cluster_message.h - what instances of one cluster say to each other.
 *
 * Called by the cluster part of server/ and by tests/fuzz/. Pure; decoding does
 * not allocate. A message travels as the payload of one Redis PUBLISH. Whoever
 * can write to that Redis can send any bytes, so decoding trusts nothing.
 *
 *     message   version kind field* end
 *     version   '1'
 *     kind      one byte, not 0: a sio_cluster_kind, or one that a newer instance knows
 *     field     key length bytes
 *     key       one byte of the table below, or one that a newer instance knows
 *     end       '.', which is no key; it is the last byte of the message
 *     length    number
 *     number    seven bits in each byte, the low ones first; bit 7 is set in all bytes but the
 *               last. No more bytes than needed, and at most 9: 0 to SIO_CLUSTER_NUMBER_MAX
 *
 *     key  member    bytes    |  key  member     bytes     |  key  member  bytes
 *     'f'  from      text     |  't'  transport  text      |  'n'  nsp     text
 *     's'  seq       number   |  'y'  reason     text      |  'r'  room    text
 *     'a'  ack       number   |  'b'  body       any       |  'x'  except  text
 *     'i'  id        text     |  'p'  packets    packet*   |  'e'  name    text
 *     'o'  origin    text     |  'g'  flags      number    |  'v'  args    text
 *     'c'  channel   number   |  'T'  type       number    |  'd'  data    text
 *     'l'  count     number   |  'R'  revision   number    |  'V'  verdict number
 *     'S'  session   text      |
 *
 *     packet    number bytes
 *               twice as many as there are bytes, and 1 more when they are not a text
 *
 * Fields stand in any order, none of these twice. One that is not there is empty,
 * or 0. A field with another key is passed over, however often it stands there.
 * "text" means any bytes too: what they must be is for the reader to check.
 */
#ifndef SIO_PROTOCOL_CLUSTER_MESSAGE_H
#define SIO_PROTOCOL_CLUSTER_MESSAGE_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stdint.h>

#define SIO_CLUSTER_NUMBER_MAX ((uint64_t)INT64_MAX) /* 2^63 - 1 */

/*
 * What a message is; the server knows what each means. Any other byte but 0 is
 * passed on as it is (a newer instance said it), for the server to ignore.
 */
typedef enum {
    /* To all instances. */
    SIO_CM_BEAT = 'b',
    SIO_CM_BYE = 'q',
    SIO_CM_AWAY = 'A', /* Redis has no connection of an instance any more */
    SIO_CM_CAST = 'c',
    SIO_CM_SURVEY = 't', /* as SIO_CM_CAST, and whoever gets the event is asked to acknowledge it */
    SIO_CM_FETCH = 'j',  /* which sockets are there? */
    SIO_CM_COUNT = 'C',  /* how many are there? */
    SIO_CM_ROOMS = 'R',  /* which rooms, and how many are in each? name: how theirs begin */
    SIO_CM_MOVE = 'z',   /* let sockets join or leave a room, or disconnect */
    SIO_CM_SERVER_SIDE = 'E', /* let the application hear an event (name, args); with a channel
                                 it is a question to it, which has count ms to answer */

    /* Between two instances: is the other one there, or a replay of it? */
    SIO_CM_HELLO = 'H',
    SIO_CM_WELCOME = 'W', /* the answer, with the number of the question in channel */

    /* Between two instances: about the numbering. */
    SIO_CM_ACK = 'a',
    SIO_CM_RESEND = 'r',

    /* To the one who asked, with one of those questions. */
    SIO_CM_ANSWER = 'n',

    /* To the home of a session, where its handshake was made. */
    SIO_CM_OWNS = 'o',
    SIO_CM_ENDED = 'e',

    /* From a sink, which holds a request of the client, to the owner of the session. */
    SIO_CM_OPEN = 'g',
    SIO_CM_POST = 'p',
    SIO_CM_MAY_POST = 'P', /* a POST of `count` bytes is on its way to the sink: is it wanted? */
    SIO_CM_END = 'd',
    SIO_CM_WROTE = 'k',
    SIO_CM_CLOSED = 'x',
    SIO_CM_PROBE = 'v',     /* Engine.IO: a websocket asks whether it may take over */
    SIO_CM_UPGRADING = 'h', /* it was probed, and the client waits for its poll to end */
    SIO_CM_MESSAGE = 'm',   /* it has taken over, and has received this */

    /* From the owner to a sink. */
    SIO_CM_POSTED = '1', /* the answer to SIO_CM_POST */
    SIO_CM_PACKETS = 'w',
    SIO_CM_ASIDE = 's',
    SIO_CM_FINISH = 'f',
    SIO_CM_UNKNOWN = 'u', /* or refused */
    SIO_CM_READY = 'y',   /* the answer to SIO_CM_PROBE and SIO_CM_MAY_POST, when it may */

    /* From an instance where a client comes back to the one that has its state, and the answer. */
    SIO_CM_RECOVER = 'i',
    SIO_CM_RECOVERED = 'I',

    /* To the instance that has the socket of a token (name): acknowledge; and the answer. */
    SIO_CM_USE_TOKEN = 'T',
    SIO_CM_TOKEN_USED = 'U', /* verdict: 0, or it is not known there */

    /* To an instance that was declared lost, and is alive. */
    SIO_CM_LOST = 'l'
} sio_cluster_kind;

/* Flags. */
enum {
    SIO_CM_VOLATILE = 1,   /* of a broadcast */
    SIO_CM_GOODBYE = 2,    /* of SIO_CM_FINISH: the packets end with one */
    SIO_CM_BINARY = 4,     /* of SIO_CM_POST and SIO_CM_MESSAGE: the body is no text */
    SIO_CM_BASE64 = 8,     /* of SIO_CM_PACKETS and SIO_CM_FINISH: the client takes no bytes */
    SIO_CM_LAST = 16,      /* of SIO_CM_ANSWER: no more will come */
    SIO_CM_CUT = 32,       /* of SIO_CM_POST, Engine.IO: it was cut, and what was in it is lost */
    SIO_CM_PLAIN = 64,     /* of a broadcast, SIO_CM_PACKETS and SIO_CM_FINISH: do not compress */
    SIO_CM_VIOLATED = 128, /* of SIO_CM_CLOSED: not yet, but by SIO_CM_FINISH */
    SIO_CM_WHOLE = 256     /* of SIO_CM_SURVEY: answers are all arguments, not the first one */
};

/* What SIO_CM_MOVE lets sockets do. */
typedef enum {
    SIO_CM_JOIN = 1,
    SIO_CM_LEAVE = 2,
    SIO_CM_DISCONNECT = 3, /* from the namespace */
    SIO_CM_CLOSE = 4,      /* from all namespaces */
    SIO_CM_DATA = 5        /* have other data (sio_set_socket_data) */
} sio_cluster_move;

typedef struct {
    uint8_t  kind;      /* sio_cluster_kind, or another byte */
    sio_view from;      /* tag of the instance that made it */
    uint64_t seq, ack;  /* numbers between two instances; 0: none */
    sio_view id;        /* session; or of a client that comes back, its private id */
    sio_view origin;    /* tag of the instance that this is about, when not `from` */
    uint64_t channel;   /* number of a channel, request or question, where it was made;
                           SIO_CM_BEAT: how many partitions its sender knows */
    uint64_t count;     /* of packets; SIO_CM_CAST: its number; SIO_CM_RECOVERED: ms left;
                           SIO_CM_MAY_POST: of bytes, 0 when that is not known;
                           SIO_CM_SURVEY, SIO_CM_SERVER_SIDE: ms to answer in; SIO_CM_ROOMS:
                           how many at most;
                           the first SIO_CM_ANSWER of an instance: how many it has asked, or has */
    sio_view transport; /* name */
    sio_view reason;
    sio_view body;     /* of a POST, or a message */
    uint64_t revision; /* of Engine.IO, for requests; 0: they are of socket.io 0.9 */
    uint64_t verdict;  /* on a request; 0: it is accepted */
    sio_view
        packets; /* raw list: see sio_cluster_message_add_packet and _next; in SIO_CM_ANSWER each is
                          a JSON value */

    /* A broadcast. Its attachments are in packets; in body are more rooms, which make a list
       as packets is one, and so do the rooms in except. What else is for many sockets names them
       in the same way; in SIO_CM_MOVE, name is the room that they join or leave, or their data as
       JSON, of which there are none if it is empty. */
    uint64_t flags; /* SIO_CM_VOLATILE and so on */
    uint64_t type;  /* of the packet; SIO_CM_MOVE: a sio_cluster_move */
    sio_view nsp, room, except, name, args, data;
    sio_view session;  /* SIO_CM_RECOVERED: the one that the client had; data: of its socket */
    bool     has_room; /* tells the room "" from none; a room that is not empty is always there */
} sio_cluster_message;

/*
 * Append *m, with the fields that are not empty and not 0. `from` is not required.
 * A kind of 0 or a number over SIO_CLUSTER_NUMBER_MAX sets out->failed, as being
 * out of memory does; out then ends with a part of the message. m->packets is
 * copied unchecked: only a list made by sio_cluster_message_add_packet will be decoded.
 */
void sio_cluster_message_encode(const sio_cluster_message *m, sio_buf *out);

/*
 * Decode one whole message. Returns SIO_OK, with views into bytes that live as
 * long as those do; or SIO_BAD, with *m untouched, for another version, no kind,
 * a message that is cut short or goes on behind its end, a field of the table
 * twice, a number that is too large or longer than needed, a broken packet list.
 */
int sio_cluster_message_decode(sio_view bytes, sio_cluster_message *m);

/* Append a packet (a text, or any bytes, or none) to a list that becomes m.packets. */
void sio_cluster_message_add_packet(sio_buf *list, sio_view packet, bool is_binary);

/*
 * Take the first packet off the list; it views what the list viewed. is_binary may
 * be NULL. False at the end; also where the list is broken, which one from a decoded
 * message is not. On false all are untouched.
 */
bool sio_cluster_message_next_packet(sio_view *list, sio_view *packet, bool *is_binary);

#endif
