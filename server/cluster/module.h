/*
 * server/cluster/module.h - whoever speaks to other instances.
 *
 * cluster.c carries messages, and finds out when an instance is gone. What the messages mean, and
 * what depends on an instance, is known to modules above. They are added before the others are
 * heard, and are always told in the order in which they were added; a unit test holds that.
 */
#ifndef SIO_CLUSTER_MODULE_H
#define SIO_CLUSTER_MODULE_H

#include "protocol/cluster_message.h"
#include "server/cluster/peers.h"

/* What happens to this instance among the others. */
typedef enum {
    SIO_CLUSTER_UP,        /* it hears the others, and they hear it; maybe again */
    SIO_CLUSTER_DOWN,      /* messages may be missed from now on */
    SIO_CLUSTER_HEARD,     /* it hears all partitions that it has joined (partitions.h) */
    SIO_CLUSTER_CONFIRMED, /* it was not declared lost; Redis may have lost what it knew of it */
    SIO_CLUSTER_REBORN,    /* it goes on as another: its sessions ended, its peers are buried */
    SIO_CLUSTER_LEAVING,   /* it stops: its sessions have ended, and nobody was told so far */
    SIO_CLUSTER_LEFT,      /* Redis has got what was said until then */
    SIO_CLUSTER_QUIT,      /* it ends, at once: its peers are buried */
    SIO_CLUSTER_N_EVENTS
} sio_cluster_event;

/* Any function may be NULL. */
typedef struct sio_cluster_module {
    /* Kinds of messages that it hears (sio_cluster_kind), ended by 0. Others may hear the same. */
    const char *kinds;
    /* One that a peer sent to this instance alone, each once and in order. */
    void (*hear)(sio_peer *peer, const sio_cluster_message *m);
    /* One that it sent to all instances. */
    void (*hear_cast)(sio_peer *peer, const sio_cluster_message *m);
    /* Does something here wait for the peer? Then it is watched (watch.h). */
    bool (*awaits)(const sio_peer *peer);
    /*
     * Redis has no connection of the peer any more. Most likely its process has ended, but it may
     * come back, and what it knows of this instance must stay true. What waits for it is to be
     * given up; called again and again while it stays away.
     */
    void (*peer_away)(sio_peer *peer);
    /* The peer is gone for good: what depends on it ends. */
    void (*peer_gone)(sio_peer *peer);
    /* This instance announces the end of a session that a lost one had. */
    void (*session_lost)(sio_env *env, sio_view id);
    /* Another instance has stopped, or is lost: what it has left is for others now. */
    void (*instance_gone)(sio_env *env, const char *tag);
    /* All sessions of this instance are to end, for that reason. */
    void (*end_sessions)(sio_env *env, const char *reason);
    void (*on[SIO_CLUSTER_N_EVENTS])(sio_env *env);
} sio_cluster_module;

/* m outlives the server. At most SIO_MAX_CLUSTER_MODULES (cluster.h). */
void sio_cluster_module_add(sio_env *env, const sio_cluster_module *m);

/* For cluster/: nobody is told any more; let those who hear m do so; let all know of the rest. */
void sio_cluster_module_remove_all(sio_env *env);
void sio_cluster_module_hear(sio_peer *peer, bool is_cast, const sio_cluster_message *m);
bool sio_cluster_module_awaits(const sio_peer *peer);
void sio_cluster_module_peer_away(sio_peer *peer);
void sio_cluster_module_peer_gone(sio_peer *peer);
void sio_cluster_module_session_lost(sio_env *env, sio_view id);
void sio_cluster_module_instance_gone(sio_env *env, const char *tag);
void sio_cluster_module_end_sessions(sio_env *env, const char *reason);
void sio_cluster_module_tell(sio_env *env, sio_cluster_event event);

#endif
