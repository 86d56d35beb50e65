/*
 * server/adapter/node09.h - this instance as a process among others of socket.io 0.9 for Node.
 *
 * With the setting "dialect": "node-0.9" an instance tells the others through Redis what a process of
 * Node with the RedisStore would tell them, and acts on what they say. Instances of siobroker in the
 * same cluster hear each other's broadcasts that way, too; a session that one of them has for another
 * goes over their own messages (cluster.h).
 *
 * A session belongs to the process that opened it. Its handshake may have been made at any, its POSTs
 * may reach any, and broadcasts go everywhere; but a client that polls has to come back to the process
 * that has its session. When it does not it is told to reconnect: Node, where the last poll was, would
 * take the packets of the client to itself, where nobody waits for them (section 8.5).
 *
 * Rules: spec/socketio-0.9.md sections 8.1 to 8.6. In another dialect nothing here does anything.
 */
#ifndef SIO_ADAPTER_NODE09_H
#define SIO_ADAPTER_NODE09_H

#include "protocol/node09_envelope.h"
#include "server/base/timer_wheel.h"
#include "server/cluster/module.h"
#include "server/socketio/namespace.h"
#include "server/transport/transport.h"
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

    /* Of node09_resend.c. */
    sio_timer again_timer;
    bool      was_up;
    uint64_t  down_ms;      /* since when nobody hears us; counts while the cluster is down */
    uint64_t  sure_ms;      /* from then on everyone hears us, as far as can be known */
    unsigned  wait_ms;      /* before the next round */
    unsigned  round;        /* its number */
    sio_buf   ended;        /* ids with a line feed, of sessions that ended in doubt */
    size_t    n_ended_told; /* bytes of it, in this round */
} sio_node09;

/* Do the settings say so? */
bool sio_node09_is_chosen(const sio_env *env);

/* Begin to hear the others, if that is the dialect. The store is open. SIO_OK or a failure. */
int sio_node09_join(sio_env *env);

/* When nothing is left that could tell anything. */
void sio_node09_fini(sio_env *env);

/* --- To tell the others; node09_publish.c. --- */

/* From now on they hear what becomes of sessions and sockets, and get broadcasts. */
void sio_node09_publish_join(sio_env *env);

/* A session has ended, here or with an instance that is lost. */
void sio_node09_publish_ended(sio_env *env, sio_view id);

/* For node09_resend.c: tell all of a session; its end. Are the messages on their way? */
bool sio_node09_publish_session(sio_session *session);
bool sio_node09_publish_end(sio_env *env, sio_view id);

/* --- What they may have missed; node09_resend.c. --- */

/* It hears when Redis is away, and which sessions are lost. */
extern const sio_cluster_module sio_node09_resend_module;

/* Something about the session was told, or could not be; so was the end of one. */
void sio_node09_resend_note_told(sio_session *session, bool is_told);
void sio_node09_resend_note_end(sio_env *env, sio_view id, bool is_told);

/* The callback of again_timer. */
void sio_node09_resend_begin(sio_timer *timer);

/* --- Sessions elsewhere. --- */

/* Send a packet, or a payload, to the client of a session, wherever its transport is. */
void sio_node09_publish_to_channel(sio_env *env, sio_view id, sio_view packet);

/*
 * Let the process that has the session receive the packets of a POST body (valid UTF-8), whichever it
 * is. The id is not that of a session here.
 */
void sio_node09_publish_relayed_post(sio_env *env, sio_view id, const sio_transport *transport,
                                     sio_view body);

/* The same for ?disconnect. */
void sio_node09_publish_relayed_end(sio_env *env, sio_view id);

#endif
