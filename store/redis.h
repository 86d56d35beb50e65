/*
 * store/redis.h - the store of several instances that share a Redis server.
 *
 * Called by the server when a Redis address is configured. A handshake is the
 * string <prefix>hs:<id>, which Redis itself forgets after its ttl. Each instance
 * also keeps a copy of the handshakes that it made, and serves its own clients
 * from them while Redis is away, does not answer within a second, or is given
 * more than it may be given. store/README.md has the rules.
 */
#ifndef SIO_STORE_REDIS_H
#define SIO_STORE_REDIS_H

#include "store/handshakes.h"
#include "store/redis_tls.h"
#include "store/redis_url.h"
#include "store/store.h"

#include <event2/event.h>

enum {
    SIO_REDIS_MAX_PREFIX = 64,                     /* bytes */
    SIO_REDIS_MAX_PUBLISH_BYTES = 16 * 1024 * 1024 /* default */
};

typedef struct {
    struct event_base    *base;         /* borrowed; outlives the store */
    const sio_redis_url  *url;          /* copied */
    sio_redis_tls        *tls;          /* taken over, failure included; NULL: none */
    const char           *prefix;       /* of all keys, copied; NULL: "sio:" */
    sio_handshakes_limits limits;       /* of the handshakes made here; zeros: defaults */
    bool                  bare_clients; /* keys of client data are session ids, without prefix */
    size_t                max_pending;  /* commands in flight; 0: SIO_REDIS_MAX_PENDING, 10,000 */
    /*
     * Of messages in flight; 0: SIO_REDIS_MAX_PUBLISH_BYTES, 16 MiB. With so many no other one is
     * taken, but each is below that, however long: one that never was would hold up those behind.
     */
    size_t        max_publish_bytes;
    sio_store_log log; /* NULL: silent */
    void         *log_arg;
} sio_redis_store_cfg;

/*
 * Starts connecting in the background and never fails because Redis is away.
 * The program has to ignore SIGPIPE. Returns SIO_OK, SIO_ERR_NOMEM, SIO_ERR_SYS,
 * or SIO_ERR_CONFIG when the prefix is too long.
 */
int sio_redis_store_new(sio_store **out, const sio_redis_store_cfg *cfg);

#endif
