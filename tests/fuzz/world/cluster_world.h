/*
 * tests/fuzz/world/cluster_world.h - several whole servers with one Redis, and the seats of their
 * clients: how they come and go.
 *
 * Used by fuzz_cluster.c and the rest of the cluster. What takes the place of sockets is in
 * session_client.h, and of Redis in cluster_redis.h; the rest is the real thing.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_WORLD_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "server/siobroker.h"
#include "tests/fuzz/world/cluster_app.h"
#include "tests/fuzz/world/cluster_redis.h"
#include "tests/fuzz/world/session_client.h"

enum {
    N_SERVERS = 3,
    N_SEATS = 11,  /* ten for the script, and the last one */
    BACKLOG = 4000 /* bytes, of one instance for another */
};

/* Where a client sits. */
typedef struct {
    client               *client;
    promise              *promise;
    const session_record *heard;        /* whose events came last; NULL: none have */
    const session_record *session;      /* for which its POST is */
    unsigned              message;      /* the mark of that, without an answer; 0: there is none */
    bool                  is_confirmed; /* the answer has come: the message has arrived */
    bool                  is_early; /* it was sent before the home was told who has the session */
    unsigned              last_framed; /* the mark of the last message on its websocket */
    bool                  is_engine;   /* that is one of Engine.IO */
    bool                  waits;       /* a whole request was sent, */
    unsigned              waits_for;   /* and so many are answered, when it is */
} seat;

/* A server and its clients; without a server while it is dead. */
typedef struct {
    sio_server *server;
    redis_link *redis;
    cluster_app app;
    seat        seats[N_SEATS];
    bool        frozen;
    bool        holding;        /* what comes from Redis waits */
    uint64_t    silent_from_ms; /* UINT64_MAX: it is not */
    uint64_t    deaf_from_ms;   /* the same */
} node;

typedef struct {
    node        nodes[N_SERVERS];
    redis       redis;
    session_ids ids;
    promise     promise;
    uint64_t    now_ms;
    sio_view    switches; /* of all servers (session_server.h) */
} world;

/* --- Questions. --- */

/* Does it live, and is not frozen? */
bool node_is_awake(const node *n);

/* Servers that live. */
unsigned world_count_alive(const world *w);

/* Does the server that made its handshake live? A tag that has gone never comes back. */
bool world_has_home(const world *w, const session_record *r);

/* Does the server that made its handshake know who has the session? */
bool world_home_knows(const world *w, const session_record *r);

/* Does the server know where to ask for the session? One that has just joined may not. */
bool world_knows_home(sio_server *s, const session_record *r);

/* Do others hear nothing of it, who hear themselves? */
bool node_is_silent(const world *w, const node *n);

/* Nobody promises anything of the POST that waits for its answer. */
bool seat_may_lose_message(const seat *at);

/* Does it hear nothing, or is not heard? */
bool node_is_deaf(const world *w, const node *n);

/* --- Servers come and go. --- */

/* A new server joins in that place, which is empty. */
void node_start(world *w, node *n);

/* The process ends, and its sockets with it. What it still says nobody hears. */
void node_end(world *w, node *n);

/*
 * It dies; the sessions that Redis knows of must be announced by others. One that was declared lost
 * before, came to life and dies before it hears of that, waits for the next one that joins.
 */
void node_kill(world *w, node *n);

/* It is told to stop. It says goodbye once, and some may not hear it. */
void node_stop(world *w, node *n);

#endif
