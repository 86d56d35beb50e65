/*
 * server/roaming/stranded.h - sessions that the other instances do not find any more.
 *
 * Requests for a session of 0.9 come to any instance, which asks the home, where the handshake was
 * made. When the home is gone, only those that come to the owner itself are served: a poll at
 * another instance is told to reconnect, but a POST there is lost without a word, since it is
 * answered as any other (spec/socketio-0.9.md section 2.3). So the owner tells these clients to
 * reconnect, as they would be if it had gone itself. A websocket needs no other instance.
 */
#ifndef SIO_ROAMING_STRANDED_H
#define SIO_ROAMING_STRANDED_H

#include "server/cluster/module.h"

extern const sio_cluster_module sio_stranded_module;

/* Before it is added. */
void sio_stranded_init(sio_env *env);

#endif
