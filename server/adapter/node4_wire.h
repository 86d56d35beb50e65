/*
 * server/adapter/node4_wire.h - the way to servers of Node.
 */
#ifndef SIO_ADAPTER_NODE4_WIRE_H
#define SIO_ADAPTER_NODE4_WIRE_H

#include "protocol/node4_channel.h"

typedef struct sio_env sio_env;

/*
 * Publish what is in env->adapters->node4.message; room as of sio_node4_channel_add(). Its channel
 * is in node4.channel afterwards. SIO_OK, or as sio_store_channel_publish(), or SIO_ERR_NOMEM when
 * the message has failed.
 */
int sio_node4_wire_publish(sio_env *env, sio_node4_topic topic, sio_view nsp, sio_view room);

#endif
