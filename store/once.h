/*
 * store/once.h - what is done once, however often and wherever it is asked for.
 *
 * Called by server/, with the same store and under the same rules as store/store.h. Whoever wants
 * to do something claims the key of it. Of several who do, on all instances, one gets it; the
 * others see what that one has put there. Keys and values are any bytes, and are copied; a key is
 * as long as an id may be.
 */
#ifndef SIO_STORE_ONCE_H
#define SIO_STORE_ONCE_H

#include "store/store.h"

/*
 * SIO_OK: it is yours. SIO_ERR_FULL: it is somebody's, who has put this value there, valid during
 * the call. SIO_ERR_UNAVAILABLE: Redis has not answered; a claim that it was sent may stand until
 * it expires. SIO_ERR_NOMEM.
 */
typedef void (*sio_store_once_cb)(void *arg, int rc, sio_view value);

/* Claim key for ttl_ms (> 0), with a first value. With a key of no usable length: SIO_TOO_LARGE. */
sio_store_req *sio_store_once_claim(sio_store *store, sio_view key, sio_view value, uint64_t ttl_ms,
                                    sio_store_once_cb cb, void *arg);

/* Put another value there, for ttl_ms from now. Nothing happens while Redis is away. */
void sio_store_once_put(sio_store *store, sio_view key, sio_view value, uint64_t ttl_ms);

/* It was not done after all: whoever claims it next gets it. Nothing while Redis is away. */
void sio_store_once_drop(sio_store *store, sio_view key);

/* For implementations, which find keys checked. */
struct sio_store_once_ops {
    sio_store_req *(*claim)(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms,
                            sio_store_once_cb cb, void *arg);
    void (*put)(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms);
    void (*drop)(sio_store *self, sio_view key);
};

#endif
