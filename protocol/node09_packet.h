/*
 * protocol/node09_packet.h - a Socket.IO 0.9 packet as an object, the form in which one process of
 * socket.io 0.9 hands it to another.
 *
 *     {"type":"event","endpoint":"","id":"1","ack":"data","name":"echo","args":[1]}
 *
 * Called by the dialect node-0.9 of server/ and by tests/fuzz/. Pure.
 * Rule: what JSON.stringify makes of decodePacket's result in lib/parser.js of socket.io 0.9.16;
 * spec/socketio-0.9.md, 3.4.
 */
#ifndef SIO_PROTOCOL_NODE09_PACKET_H
#define SIO_PROTOCOL_NODE09_PACKET_H

#include "protocol/buf.h"
#include "protocol/sio09_packet.h"
#include "protocol/view.h"

/* Append p as an object; out->failed tells about room and memory. */
void sio_node09_packet_encode(const sio09_packet *p, sio_buf *out);

/*
 * Decode an object. Members may come in any order; others are ignored, as are those that do not
 * belong to the type. texts is cleared and then holds what had to be unescaped.
 * Returns SIO_OK (the views of *out point into object and texts), SIO_BAD when it is no object with
 * a known type or has an id that is no number, or SIO_TOO_LARGE: JSON nested deeper than max_depth,
 * or no room in texts. *out is undefined unless SIO_OK.
 */
int sio_node09_packet_decode(sio_view object, unsigned max_depth, sio_buf *texts,
                             sio09_packet *out);

#endif
