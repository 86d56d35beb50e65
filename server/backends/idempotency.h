/*
 * server/backends/idempotency.h - a request that is repeated is not done twice.
 *
 * Whoever sends a request, or a command in one, under an id may send it again when no answer came:
 * for SIO_IDEMPOTENCY_KEPT_MS it gets the result of the first time, from any instance that shares
 * the store. What failed was not done, and is not kept.
 */
#ifndef SIO_BACKENDS_IDEMPOTENCY_H
#define SIO_BACKENDS_IDEMPOTENCY_H

#include "server/base/digest.h"
#include "server/base/env.h"

enum {
    SIO_IDEMPOTENCY_KEPT_MS = 300 * 1000,
    SIO_IDEMPOTENCY_CLAIM_MS = 90 * 1000,  /* for being done */
    SIO_IDEMPOTENCY_MAX_IDS = 100000,      /* that this instance is given in the time of one */
    SIO_IDEMPOTENCY_MAX_BYTES = 64 * 1024, /* of a result; of a larger one {"kept":false} is */
    SIO_IDEMPOTENCY_MAX_KEPT_BYTES = 64 * 1024 * 1024, /* of all in that time; likewise */
    SIO_IDEMPOTENCY_N_SLOTS = 30
};

/* How many ids this instance was given lately, and bytes of results kept. Zeroed: none. */
typedef struct {
    unsigned n[SIO_IDEMPOTENCY_N_SLOTS]; /* in each slot of time, in turns */
    size_t   n_bytes[SIO_IDEMPOTENCY_N_SLOTS];
    uint64_t slot; /* the last one that anything is in */
    unsigned n_all;
    size_t   n_all_bytes;
} sio_idempotency_quota;

typedef enum {
    SIO_IDEMPOTENCY_FRESH,       /* it is to be done now, and then kept or dropped */
    SIO_IDEMPOTENCY_DONE,        /* here is the result */
    SIO_IDEMPOTENCY_IN_PROGRESS, /* it is being done */
    SIO_IDEMPOTENCY_REUSED,      /* the id was that of another request */
    SIO_IDEMPOTENCY_AWAY,        /* Redis is away: nobody knows */
    SIO_IDEMPOTENCY_FULL         /* too many ids */
} sio_idempotency_verdict;

/* One request under an id; part of an object that has to stay where it is. */
typedef struct sio_idempotency {
    sio_env               *env;
    sio_idempotency_quota *quota;
    uint8_t                key[SIO_SHA256_BYTES];    /* of who asks, and the id */
    uint8_t                digest[SIO_SHA256_BYTES]; /* of what is asked */
    sio_store_req         *req;                      /* the claim, if it is under way */
    bool                   is_claimed;
    /* result: of DONE, valid during the call. */
    void (*fn)(struct sio_idempotency *i, sio_idempotency_verdict verdict, sio_view result);
} sio_idempotency;

/* Claim; fn is called once, maybe in this call. quota outlives i. what: all that may not differ. */
void sio_idempotency_begin(sio_idempotency *i, sio_env *env, sio_idempotency_quota *quota,
                           sio_view caller, sio_view id, sio_view what,
                           void (*fn)(sio_idempotency *i, sio_idempotency_verdict verdict,
                                      sio_view result));

/* It was done; or it was not. Nothing happens unless it was FRESH. */
void sio_idempotency_keep(sio_idempotency *i, sio_view result);
void sio_idempotency_drop(sio_idempotency *i);

/* It was IN_PROGRESS, but whoever did it is gone: it is to be done now, as if it were FRESH. */
void sio_idempotency_take_over(sio_idempotency *i);

/* fn is not called any more. */
void sio_idempotency_cancel(sio_idempotency *i);

#endif
