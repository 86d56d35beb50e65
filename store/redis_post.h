/*
 * store/redis_post.h - commands to Redis that nobody waits for; a refusal is noted.
 */
#ifndef SIO_STORE_REDIS_POST_H
#define SIO_STORE_REDIS_POST_H

#include "store/redis_store.h"

/* verb <key> [word], sent now or not at all. */
void sio_redis_post_command(sio_redis_store *s, const char *verb, const sio_redis_key *key,
                            const sio_view *word);

/* PEXPIRE <key> <ttl_ms>, in the same way. */
void sio_redis_post_expiry(sio_redis_store *s, const sio_redis_key *key, uint64_t ttl_ms);

/*
 * PUBLISH channel bytes, results as sio_store_publish(). is_cast: this instance hears that channel
 * itself, and has to.
 */
int sio_redis_post_message(sio_redis_store *s, sio_view channel, sio_view bytes, bool is_cast);

#endif
