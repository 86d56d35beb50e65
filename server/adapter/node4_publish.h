/*
 * server/adapter/node4_publish.h - what the application says to the sockets and applications of all
 * servers, those of Node included.
 */
#ifndef SIO_ADAPTER_NODE4_PUBLISH_H
#define SIO_ADAPTER_NODE4_PUBLISH_H

#include "protocol/node4_event.h"
#include "server/socketio/adapter.h"

extern const sio_adapter sio_node4_adapter;

/*
 * An event of this instance for one socket, which is asked for an acknowledgement, has come back
 * from the stream: send it.
 */
void sio_node4_publish_take_back(sio_namespace *nsp, const sio_node4_event *e);

#endif
