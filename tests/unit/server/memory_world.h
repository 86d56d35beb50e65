/*
 * tests/unit/server/memory_world.h - two instances with one Redis, whose memory runs out, and
 * their users.
 *
 * Used by out_of_memory_test.c, memory_app.c and memory_play.c. The sockets and the Redis are those
 * of the fuzz targets, so a run does the same each time. What users say waits until the next turn;
 * memory is armed during turns, but not for what stands in the place of sockets and of Redis.
 */
#ifndef SIO_TESTS_UNIT_MEMORY_WORLD_H
#define SIO_TESTS_UNIT_MEMORY_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/fuzz/world/cluster_redis.h"
#include "tests/fuzz/world/session_client.h"

enum { N_NODES = 2, N_USERS = 8, MAX_SAYINGS = 100, SAYING_LEN = 300, ID_LEN = 40 };

typedef struct {
    sio_server *server;
    redis_link *redis;
} node;

/* One who has a connection to an instance, maybe one after the other. */
typedef struct {
    client     *client;                         /* NULL: it is gone */
    session_ids ids;                            /* of the handshakes that were answered */
    char        last_id[ID_LEN + 1];            /* the last id that it heard of */
    char        offset[ID_LEN + 1];             /* and the last offset */
    char        heard[MAX_SAYINGS][SAYING_LEN]; /* and not looked at so far */
    unsigned    n_heard;
} user;

typedef struct {
    node     nodes[N_NODES];
    redis    redis;
    user     users[N_USERS];
    uint64_t now_ms;
    bool     may_fail;   /* memory runs out in this run */
    unsigned n_told;     /* times that the application was told that something can not be */
    unsigned n_answered; /* when it asked many */
    unsigned n_wrong;    /* things that were heard, or were not, and are reported */
    bool     users_wait; /* they have spoken, and are not read before the next turn */
    char     sayings[MAX_SAYINGS][SAYING_LEN]; /* that were heard while nothing failed */
    unsigned n_sayings;
} memory_world;

/* Of the program. The test begins and ends each run. */
extern memory_world world;

/* Turns of all instances, until nothing is left to be done at once. */
void world_turn(void);

/* Let time pass for all instances, from one thing that is due to the next. */
void world_pass_time(uint64_t ms);

/* On a new connection to that instance; the user leaves the one before. */
void user_connect(user *u, unsigned place);

/* Its connection ends, if it has one. */
void user_leave(user *u);

/* Say that: a letter of session_script.h; $ in the text is the id of the last session. */
void user_say(user *u, char letter, const char *text);

/* Has it heard that? Then it is forgotten. */
bool user_hears(user *u, const char *want);

/* Is its connection over, or about to be? */
bool user_has_ended(const user *u);

/*
 * The user hears that, now or soon: was that so? What takes its place when there is no memory is an
 * excuse; without one, what is missing is reported with that place in the test, and is in n_wrong.
 */
bool user_expect(const char *file, int line, user *u, const char *want);

#define EXPECT(u, want) user_expect(__FILE__, __LINE__, u, want)

/* What is said to many comes once at most to clients of the other instance (siobroker.h). */
#define EXPECT_AT_MOST(u, want) \
    (world.may_fail ? (world_turn(), user_hears(u, want)) : EXPECT(u, want))

#endif
