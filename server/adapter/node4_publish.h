/*
 * server/adapter/node4_publish.h - what the application says to the sockets and applications of all
 * servers, those of Node included.
 */
#ifndef SIO_ADAPTER_NODE4_PUBLISH_H
#define SIO_ADAPTER_NODE4_PUBLISH_H

#include "server/socketio/adapter.h"

extern const sio_adapter sio_node4_adapter;

#endif
