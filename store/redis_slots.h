/*
 * store/redis_slots.h - the slots of Redis Cluster: which key is in which, and who has them.
 *
 * Called by store/redis_cluster.c. Pure: no connections, no clock. Rule: "Redis cluster
 * specification", "Key distribution model", "MOVED Redirection", "ASK redirection"; the command
 * CLUSTER SLOTS.
 */
#ifndef SIO_STORE_REDIS_SLOTS_H
#define SIO_STORE_REDIS_SLOTS_H

#include "protocol/view.h"
#include "store/redis_url.h"

#include <hiredis/hiredis.h>
#include <stdint.h>

enum {
    SIO_REDIS_N_SLOTS = 16384,
    SIO_REDIS_MAX_NODES = 128, /* primaries; what more there are is not used */
    SIO_REDIS_NOBODY = 255     /* has the slot */
};

typedef struct {
    sio_redis_place places[SIO_REDIS_MAX_NODES];
    unsigned        n_places;
    uint8_t         owner[SIO_REDIS_N_SLOTS]; /* index of the place, or SIO_REDIS_NOBODY */
} sio_redis_slots;

/* The slot of a key: of all of it, or of what is in its first braces, if that is anything. */
unsigned sio_redis_slots_of(sio_view key);

/* All slots are nobody's. */
void sio_redis_slots_init(sio_redis_slots *slots);

/* The index of a place, which is added if it is not there; SIO_REDIS_NOBODY: there is no room. */
unsigned sio_redis_slots_add(sio_redis_slots *slots, const sio_redis_place *place);

/*
 * Fill in what the answer to CLUSTER SLOTS says. A node may leave out its own host: then it is that
 * of `asked`. Entries that say nothing that can be are passed over. SIO_OK, or SIO_BAD: it is no
 * such answer.
 */
int sio_redis_slots_read(sio_redis_slots *slots, const redisReply *reply,
                         const sio_redis_place *asked);

typedef enum {
    SIO_REDIS_NO_REDIRECT,
    SIO_REDIS_MOVED, /* the slot is there from now on */
    SIO_REDIS_ASK    /* this key is there, this once, if it is asked for with ASKING */
} sio_redis_redirect;

/*
 * What an error says of another node: "MOVED <slot> <host>:<port>", "ASK ...". asked as above. *to
 * is set unless the result is SIO_REDIS_NO_REDIRECT, which malformed ones are, too.
 */
sio_redis_redirect sio_redis_slots_read_redirect(sio_view error, const sio_redis_place *asked,
                                                 sio_redis_place *to);

#endif
