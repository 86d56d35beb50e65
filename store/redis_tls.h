/*
 * store/redis_tls.h - TLS between hiredis and a Redis.
 *
 * Called by store/redis_link.c for rediss://. The hiredis of Debian 12 has no TLS, and each version
 * only reads and writes a descriptor. So a relay stands between: hiredis has one end of a pair of
 * sockets, the relay the other one and the connection to Redis. It holds 16 KiB in each direction
 * and reads no more until they are gone, so what waits, waits where it always does. Connections
 * without TLS know nothing of it.
 */
#ifndef SIO_STORE_REDIS_TLS_H
#define SIO_STORE_REDIS_TLS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct sio_redis_tls   sio_redis_tls;   /* what all connections of a store have in common */
typedef struct sio_redis_relay sio_redis_relay; /* one connection */

/* Paths and names; NULL or "": none. */
typedef struct {
    const char *ca;                /* PEM: who may vouch for Redis; none: whom the system trusts */
    const char *certificate, *key; /* PEM: ours, if Redis asks for one; both or none */
    const char *server_name;       /* for which Redis has its certificate; none: the host */
} sio_redis_tls_cfg;

/*
 * Reads the files. SIO_OK, SIO_ERR_NOMEM, or SIO_ERR_CONFIG and one line in error[0..error_size).
 * The error names the file, nothing of what is in it.
 */
int sio_redis_tls_new(sio_redis_tls **out, const sio_redis_tls_cfg *cfg, char *error,
                      size_t error_size);

/* After all its relays. NULL is allowed. */
void sio_redis_tls_free(sio_redis_tls *tls);

/*
 * Take over fd, a socket that is connected to host, and shake hands. *inner is then what takes its
 * place, for the caller to close; bytes can be written to it at once. tls and base are borrowed.
 * SIO_OK, or SIO_ERR_NOMEM, and then fd is still the caller's.
 */
int sio_redis_relay_new(sio_redis_relay **out, sio_redis_tls *tls, struct event_base *base, int fd,
                        const char *host, int *inner);

/*
 * Close and free, when the inner end is closed. What has been written there is sent first, as far
 * as it can be without waiting. NULL is allowed.
 */
void sio_redis_relay_free(sio_redis_relay *r);

/*
 * Why the connection has ended, which the inner end only sees end: one line, for the log. NULL: the
 * other side has closed it. Lives as long as the relay.
 */
const char *sio_redis_relay_fault(const sio_redis_relay *r);

/* Have the hands been shaken? */
bool sio_redis_relay_is_open(const sio_redis_relay *r);

#endif
