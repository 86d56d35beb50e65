/*
 * server/adapter/node4_channels.h - the channels of each namespace to which a member subscribes by
 * their names, so that it is counted: for questions, and for answers.
 *
 * Rules: spec/socketio-ecosystem.md, 1.4 and 5.1.
 */
#ifndef SIO_ADAPTER_NODE4_CHANNELS_H
#define SIO_ADAPTER_NODE4_CHANNELS_H

typedef struct sio_env sio_env;

/* From now on, with each namespace that opens or closes. Channels are heard already. */
void sio_node4_channels_join(sio_env *env);

#endif
