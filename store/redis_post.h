/*
 * store/redis_post.h - commands to Redis that nobody waits for; a refusal is noted.
 */
#ifndef SIO_STORE_REDIS_POST_H
#define SIO_STORE_REDIS_POST_H

#include "store/redis_store.h"
#include "store/streams.h"

/* verb <key> [word], sent now or not at all. */
void sio_redis_post_command(sio_redis_store *s, const char *verb, const sio_redis_key *key,
                            const sio_view *word);

/* PEXPIRE <key> <ttl_ms>, in the same way. */
void sio_redis_post_expiry(sio_redis_store *s, const sio_redis_key *key, uint64_t ttl_ms);

/* SET <key> <value> PX <ttl_ms>, in the same way. */
void sio_redis_post_value(sio_redis_store *s, const sio_redis_key *key, sio_view value,
                          uint64_t ttl_ms);

/*
 * The same under a key that is not ours alone, within the same bound as messages; results as
 * sio_redis_post_member().
 */
int sio_redis_post_lasting(sio_redis_store *s, sio_view key, sio_view value, uint64_t ttl_ms);

/*
 * verb <key> member, within the same bound as messages. SIO_OK; SIO_ERR_UNAVAILABLE: Redis is away;
 * SIO_ERR_FULL: too much waits for it, or no memory.
 */
int sio_redis_post_member(sio_redis_store *s, const char *verb, const sio_redis_key *key,
                          sio_view member);

/* Whom a message is for. */
typedef struct {
    bool     is_cast;    /* this instance hears the channel itself, and has to */
    bool     is_sharded; /* SPUBLISH */
    sio_view tag; /* the one instance that hears it, which is doubted if nobody does; or "" */
} sio_redis_addressee;

/* PUBLISH channel bytes, results as sio_store_publish(). */
int sio_redis_post_message(sio_redis_store *s, sio_view channel, sio_view bytes,
                           const sio_redis_addressee *to);

/*
 * XADD stream MAXLEN ~ max_entries * and the fields, at most SIO_STREAM_MAX_FIELDS, within the same
 * bound; results likewise.
 */
int sio_redis_post_entry(sio_redis_store *s, sio_view stream, const sio_stream_field *fields,
                         size_t n, size_t max_entries);

#endif
