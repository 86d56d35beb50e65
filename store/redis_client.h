/*
 * store/redis_client.h - Redis commands that are always answered in time.
 *
 * Called by store/redis.c. Adds to the connection (store/redis_link.h) what a
 * server that must never wait needs: a deadline for each command, cancelling,
 * and a bound on commands in flight. After one missed deadline Redis is "sick":
 * commands are still sent, so that it catches up when it wakes, but nobody waits
 * for them until some reply has arrived. After 5 s without any reply the
 * connection is closed and made again.
 */
#ifndef SIO_STORE_REDIS_CLIENT_H
#define SIO_STORE_REDIS_CLIENT_H

#include "protocol/list.h"
#include "store/redis_link.h"

#include <stdbool.h>

enum {
    SIO_REDIS_DEADLINE_MS = 1000,
    SIO_REDIS_SILENCE_MS = 5000,
    SIO_REDIS_MAX_PENDING = 10000, /* default */
    SIO_REDIS_MAX_REDIRECTS = 5    /* of one command */
};

typedef struct sio_redis_client sio_redis_client;
typedef struct sio_redis_call   sio_redis_call;

/* reply lives during the call. */
typedef void (*sio_redis_call_fn)(sio_redis_call *call, const redisReply *reply);

/*
 * One command on its way, embedded first in a struct of the caller's that came
 * from malloc. The client owns it once it is sent, and frees it after the last
 * callback.
 */
struct sio_redis_call {
    /*
     * Called exactly once unless the call is cancelled: with the reply (which may
     * be an error), or with NULL when there is none in time. May send the same
     * call again with another command.
     */
    sio_redis_call_fn answer;
    /* The reply of a call that was cancelled, or answered with NULL before; maybe never. */
    sio_redis_call_fn late;
    /* Sent even when too much is pending: for commands whose number is bounded in another way. */
    bool exempt;

    /* Private. */
    sio_redis_client *client;
    sio_link          in_waiting;
    uint64_t          sent_us;
    char             *text; /* of a client with a guide: the command, for another node */
    size_t            text_len;
    unsigned          n_redirects;
    uint64_t          deadline_ms;
    unsigned          n_busy;    /* callbacks of this call that are running */
    bool              in_flight; /* hiredis still has it */
    bool              waiting;   /* somebody waits for `answer`; implies in_flight */
    bool              posted;    /* by sio_redis_client_post */
};

/* The longest: XACK <key> <group>, and SIO_STREAM_ACK_COUNT ids. */
enum { SIO_REDIS_MAX_WORDS = 35 };

/* A command as hiredis takes it: words may hold any bytes. */
typedef struct {
    int         argc;
    const char *argv[SIO_REDIS_MAX_WORDS];
    size_t      len[SIO_REDIS_MAX_WORDS];
} sio_redis_command;

void sio_redis_command_add(sio_redis_command *c, sio_view word);

/*
 * cfg as for the link; cfg->down is required. max_pending: 0 means the default. SIO_OK or
 * SIO_ERR_NOMEM.
 */
int sio_redis_client_new(sio_redis_client **out, const sio_redis_link_cfg *cfg, size_t max_pending);

/* No callback is called any more. NULL is allowed. Not from inside a callback. */
void sio_redis_client_free(sio_redis_client *client);

/* As _free, but those who wait are answered first, with NULL. They may not use it any more. */
void sio_redis_client_retire(sio_redis_client *client);

/* Who knows the other nodes of a Redis Cluster. */
typedef struct {
    /*
     * Called for each error. The client that is to be asked instead, with ASKING before it or not;
     * NULL: none, the error is the answer.
     */
    sio_redis_client *(*other)(void *arg, sio_view error, bool *with_asking);
    void *arg;
} sio_redis_guide;

/* From now on commands are kept until they are answered. Not while any is in flight. */
void sio_redis_client_set_guide(sio_redis_client *client, const sio_redis_guide *guide);

/*
 * Where client is NULL in what follows, there is none for the key: it is as one that is not up.
 */

/* Is there a connection, though Redis may be sick? */
bool sio_redis_client_up(sio_redis_client *client);

/* Where that is, as sio_redis_link_where(). */
const char *sio_redis_client_where(const sio_redis_client *client);

/* Would a command that is sent now be waited for? */
bool sio_redis_client_well(sio_redis_client *client);

/*
 * Send a command and take call. Returns call while its answer is awaited, or NULL
 * when call->answer has been called already: the link is down, Redis is sick, or
 * too much is pending.
 */
sio_redis_call *sio_redis_client_send(sio_redis_client *client, sio_redis_call *call,
                                      const sio_redis_command *command);

/* As _send, for GET and DEL of one key as a single step; the reply is EXEC's: an array of both. */
sio_redis_call *sio_redis_client_get_and_delete(sio_redis_client *client, sio_redis_call *call,
                                                sio_view key);

/*
 * Send a command that nobody waits for, and take call. call->answer is called once: with
 * the reply whenever it comes, or with NULL when the connection is lost first. False: not
 * sent, for the same reasons but sickness, and call is still the caller's to free.
 */
bool sio_redis_client_post(sio_redis_client *client, sio_redis_call *call,
                           const sio_redis_command *command);

/* Only while the answer is awaited. The command itself is not undone. */
void sio_redis_call_cancel(sio_redis_call *call);

#endif
