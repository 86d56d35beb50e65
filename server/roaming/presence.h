/*
 * server/roaming/presence.h - the other instances know which sessions are here.
 *
 * The store has the set of them, for those who survive this instance; the home of a session, where
 * its handshake was made, is told that it is here, and when it is not any more.
 */
#ifndef SIO_ROAMING_PRESENCE_H
#define SIO_ROAMING_PRESENCE_H

#include "server/cluster/module.h"
#include "server/engine/watcher.h"

extern const sio_watcher        sio_presence_watcher;
extern const sio_cluster_module sio_presence_module;

#endif
