/*
 * store/redis_words.h - a connection to Redis for whoever knows its commands: words in, answers
 * out.
 *
 * Called by server/script/native_redis.c. It comes back by itself, as redis_link.h says, and is
 * silent towards the log. Either it asks, or it listens to channels: one that listens can do
 * nothing else (RESP2), and is told what it hears and no answers.
 */
#ifndef SIO_STORE_REDIS_WORDS_H
#define SIO_STORE_REDIS_WORDS_H

#include "protocol/view.h"
#include "store/redis_url.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    SIO_REDIS_WORDS_MAX_WAITING = 100000,    /* answers */
    SIO_REDIS_WORDS_MAX_UNSENT = 64 << 20,   /* bytes */
    SIO_REDIS_WORDS_MAX_WORDS = 1024 * 1024, /* of a command */
};

typedef struct sio_redis_words sio_redis_words;

/* What Redis has answered, or one element of that: valid during the call. */
typedef struct sio_redis_answer sio_redis_answer;

typedef enum {
    SIO_REDIS_NIL,
    SIO_REDIS_TEXT,
    SIO_REDIS_STATUS,
    SIO_REDIS_ERROR,
    SIO_REDIS_INTEGER,
    SIO_REDIS_LIST
} sio_redis_kind;

sio_redis_kind sio_redis_answer_kind(const sio_redis_answer *a);
sio_view       sio_redis_answer_text(const sio_redis_answer *a); /* of text, status, error */
int64_t        sio_redis_answer_integer(const sio_redis_answer *a);
size_t         sio_redis_answer_count(const sio_redis_answer *a);
const sio_redis_answer *sio_redis_answer_item(const sio_redis_answer *a, size_t i);

typedef struct {
    struct event_base   *base;    /* borrowed; outlives the connection */
    const sio_redis_url *url;     /* copied */
    bool                 listens; /* to channels */
    void (*up)(void *arg);        /* commands are taken from now on; may send some */
    /* It was lost, or could not be made: reason is valid during the call. */
    void (*down)(void *arg, const char *reason);
    /*
     * Of one that listens: "message", channel, bytes; "pmessage", pattern, channel, bytes; or
     * "subscribed", "unsubscribed", "psubscribed" and "punsubscribed", name, how many there are.
     */
    void (*heard)(void *arg, const sio_redis_answer *what);
    void *arg;
} sio_redis_words_cfg;

/* Begins to connect in the next turn of the loop. SIO_OK or SIO_ERR_NOMEM. */
int sio_redis_words_new(sio_redis_words **out, const sio_redis_words_cfg *cfg);

/*
 * Close and free; NULL is allowed. What is awaited is given up: its callbacks get NULL first. Not
 * from inside a callback of it.
 */
void sio_redis_words_free(sio_redis_words *w);

/* a NULL: the connection is lost, and nobody knows whether it was done. */
typedef void (*sio_redis_answer_fn)(const sio_redis_answer *a, void *arg);

/*
 * Send a command. fn is called once and later, but never of one that listens. SIO_OK;
 * SIO_ERR_UNAVAILABLE: it is not up; SIO_ERR_FULL: too much waits; SIO_ERR_NOMEM; SIO_BAD: there
 * are no words, or the command would change what the connection is for (MONITOR, SUBSCRIBE of one
 * that asks, anything else of one that listens, ...).
 */
int sio_redis_words_send(sio_redis_words *w, const sio_view *words, size_t n,
                         sio_redis_answer_fn fn, void *arg);

#endif
