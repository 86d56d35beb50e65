/*
 * tests/fuzz/world/fake_redis.h - the far end of the connections to Redis: a server on a socket
 * that answers as Redis does, until it is told to say something else.
 *
 * Used by fuzz_redis.c. It knows the commands of store/, forgets what it is told but for
 * handshakes, and lets those hear that subscribe.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_FAKE_REDIS_H
#define SIO_TESTS_FUZZ_WORLD_FAKE_REDIS_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "store/redis_url.h"

enum {
    MAX_FAKE_CONNS = 8,
    MAX_CANNED = 16, /* answers that are to be given in place of the usual ones */
    MAX_WORDS = 8,   /* of a command */
    MAX_KEPT_KEYS = 8
};

typedef enum { FOR_COMMANDS, FOR_CLUSTER, FOR_CHANNELS, N_ROLES } fake_role;

typedef struct {
    int       fd; /* -1: no connection */
    fake_role role;
    sio_buf   in; /* of a command that is not complete */
} fake_conn;

typedef struct {
    sio_buf key, value;
} fake_key;

typedef struct {
    sio_buf verb, text; /* no verb: for any command */
} fake_answer;

typedef struct {
    fake_conn   conns[MAX_FAKE_CONNS];
    fake_answer canned[MAX_CANNED];
    unsigned    n_canned;
    fake_key    keys[MAX_KEPT_KEYS]; /* the last ones that were set */
    unsigned    n_set;
    sio_buf     own_channel; /* the name of the channel to the server under test */
    bool        silent;      /* nothing is read any more */
} fake_redis;

/* Where it listens, from fake_redis_init() on: one socket for the whole process. */
const sio_redis_url *fake_redis_url(void);

/* Listen, and know nothing. End it with fake_redis_fini(). */
void fake_redis_init(fake_redis *r);

/*
 * It is started anew, and from now on says what Redis does. Connections end with that: where one
 * answer was too few, each command since then has had that of another.
 */
void fake_redis_be_honest(fake_redis *r);

/* Close all connections. The socket listens until the process ends. */
void fake_redis_fini(fake_redis *r);

/* End the connection, if it is one. */
void fake_redis_close(fake_conn *c);

/* Say that on the connection. NULL: nobody hears it. One that does not take it all is closed. */
void fake_redis_say(fake_conn *c, sio_view bytes);

/* The last one that was opened for this; NULL: there is none. */
fake_conn *fake_redis_find(fake_redis *r, fake_role role);

/* Let who listens for that hear a message on the channel. */
void fake_redis_message(fake_redis *r, fake_role role, sio_view channel, sio_view bytes);

/*
 * What a command is answered once in place of the usual: "VERB text", for that command, or "text",
 * where that does not begin with a capital letter. Above MAX_CANNED it is ignored.
 */
void fake_redis_set_answer(fake_redis *r, sio_view text);

/* Do what waits. Was there anything? */
bool fake_redis_serve(fake_redis *r);

#endif
