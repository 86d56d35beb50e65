/*
 * server/adapter/node09.h - this instance as a process among others of socket.io 0.9 for Node.
 *
 * With the setting "dialect": "node-0.9" an instance tells the others through Redis what a process
 * of Node with the RedisStore would tell them, and acts on what they say. Instances of siobroker in
 * the same cluster hear each other's broadcasts that way, too; a session that one of them has for
 * another goes over their own messages (cluster.h).
 *
 * A session belongs to the process that opened it. Its handshake may have been made at any, its
 * POSTs may reach any, and broadcasts go everywhere; but a client that polls has to come back to
 * the process that has its session. When it does not it is told to reconnect: Node, where the last
 * poll was, would take the packets of the client to itself, where nobody waits for them (section
 * 8.5).
 *
 * Rules: spec/socketio-0.9.md sections 8.1 to 8.6. In another dialect nothing here does anything.
 */
#ifndef SIO_ADAPTER_NODE09_H
#define SIO_ADAPTER_NODE09_H

#include "protocol/node09_envelope.h"
#include "server/adapter/node09_pending.h"
#include "store/store.h"

typedef struct sio_env        sio_env;
typedef struct sio_handshakes sio_handshakes; /* of store/handshakes.h */

typedef struct {
    sio_node09_version version;
    uint32_t           node_id;
    sio_handshakes    *handshakes; /* made by others, and not used as far as is known */
    sio_handshakes    *relayed;    /* sessions of others for which something came here; no data */
    sio_store_counters counters;   /* of both tables */
    sio_buf            channel, message, key, text; /* being written or read */

    /* What others may have missed. */
    sio_node09_pending pending;
    bool               was_up;
    uint64_t           down_ms; /* since when nobody hears us; counts while the cluster is down */
} sio_node09;

/* Do the settings say so? */
bool sio_node09_is_chosen(const sio_env *env);

/* Begin to hear the others, if that is the dialect. The store is open. SIO_OK or a failure. */
int sio_node09_join(sio_env *env);

/* The settings have changed. */
void sio_node09_adjust(sio_env *env);

/* When nothing is left that could tell anything. */
void sio_node09_fini(sio_env *env);

#endif
