/*
 * server/adapter/node4.h - this instance among servers of socket.io 1 to 4 for Node that have the
 * Redis adapter, and emitters.
 *
 * With the setting "dialect": "node-4-listen" it hears their events, and they hear those of this
 * instance; what moves sockets goes both ways, too. They do not know that it is there, as only
 * those count who subscribe to a channel by its name: nobody asks it, so nobody waits for it.
 *
 * With "node-4" it is one of them. It is counted, so it has to answer every question, at once, even
 * if the answer is that there is nobody: who asks waits for all, and fails without it.
 *
 * With "node-4-sharded" it is one of those that have the sharded adapter (Redis 7): the same, in
 * another form, on sharded channels, of which each room here has one, too (node4_cluster.h).
 *
 * With "node-4-streams" it is one of those that have the streams adapter: the same, in that form,
 * but events and moves are entries of a stream (node4_stream.h).
 *
 * Either way broadcasts and moves go over these channels alone, so each arrives once; the other
 * instances of siobroker hear them there as well, each is a server of its own. Questions of the
 * application are asked of all by a member, and else of instances of siobroker alone, over their
 * own channel (native.h).
 *
 * Rules: spec/socketio-ecosystem.md, sections 1 to 5. In another dialect nothing here does
 * anything.
 */
#ifndef SIO_ADAPTER_NODE4_H
#define SIO_ADAPTER_NODE4_H

#include "protocol/list.h"
#include "protocol/node4_request.h"

typedef struct sio_env sio_env;

/* As long as those of Node; a text of C. */
enum { SIO_NODE4_UID_LEN = 6 };

typedef struct {
    bool             is_member; /* else it only listens */
    bool             is_sharded, is_streams;
    bool             is_cluster; /* one of these, so that all is said in the form of both */
    bool             has_complained;
    char             uid[SIO_NODE4_UID_LEN + 1]; /* who says what this instance says */
    char            *patterns[3];                /* of channels that are heard; ended by NULL */
    sio_node4_reader reader;
    sio_buf          channel, message, rooms, except, packed; /* being written */
    sio_buf          entry; /* of the stream, that is being read */
    sio_link         asked; /* of node4_answer.c: clients here, by others */
    size_t           n_asked;
    sio_link         returning; /* of node4_recovery.c: clients that come back */
} sio_node4;

/* Do the settings say so? */
bool sio_node4_is_chosen(const sio_env *env);

/* Begin to hear the others. The store is open. SIO_OK or a failure. */
int sio_node4_join(sio_env *env);

/* The server ends: nobody is answered any more. */
void sio_node4_settle(sio_env *env);

/* When nothing is left that could tell anything. */
void sio_node4_fini(sio_env *env);

#endif
