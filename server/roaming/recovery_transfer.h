/*
 * server/roaming/recovery_transfer.h - clients that come back to another instance.
 */
#ifndef SIO_ROAMING_RECOVERY_TRANSFER_H
#define SIO_ROAMING_RECOVERY_TRANSFER_H

#include "server/cluster/module.h"
#include "server/socketio/recovery.h"

extern const sio_recovery_remote sio_recovery_transfer;

/* It hears those who ask for the state of a client, and their answers. */
extern const sio_cluster_module sio_recovery_transfer_module;

#endif
