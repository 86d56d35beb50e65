/*
 * server/adapter/node4_publish.h - what this instance says to servers of Node.
 */
#ifndef SIO_ADAPTER_NODE4_PUBLISH_H
#define SIO_ADAPTER_NODE4_PUBLISH_H

#include "protocol/node4_channel.h"
#include "server/socketio/adapter.h"

/* What the application says goes this way. */
extern const sio_adapter sio_node4_adapter;

/*
 * Publish what is in env->adapters->node4.message; room as of sio_node4_channel_add(). SIO_OK, or
 * as sio_store_channel_publish(), or SIO_ERR_NOMEM when the message has failed.
 */
int sio_node4_publish(sio_env *env, sio_node4_topic topic, sio_view nsp, sio_view room);

#endif
