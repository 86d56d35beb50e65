/*
 * server/backends/api_access.h - who may use the HTTP API, and for what.
 *
 * A key is shown as "Authorization: Bearer KEY". Without keys in the settings the rights of the
 * unix socket decide. What comes from a page of a browser (Origin) is refused: a page that somebody
 * opens can send requests to any address that its browser reaches.
 */
#ifndef SIO_BACKENDS_API_ACCESS_H
#define SIO_BACKENDS_API_ACCESS_H

#include "protocol/backend_command.h"
#include "server/config/config.h"
#include "server/http/exchange.h"

enum {
    SIO_API_MAX_WRONG_KEYS = 10, /* in a second, from one address */
    SIO_API_N_ADDRESSES = 256,
    SIO_API_MAX_KEYS = 100 /* as the settings say */
};

/* So many in a second; of an address, or with a key. */
typedef struct {
    char     name[33]; /* of the key */
    uint64_t second;
    unsigned n;
} sio_api_rate;

/* Zeroed: nothing has happened yet. */
typedef struct {
    sio_api_rate wrong_keys[SIO_API_N_ADDRESSES]; /* several addresses may share one */
    sio_api_rate commands[SIO_API_MAX_KEYS];
} sio_api_access;

/*
 * Who sends a request: the key that it shows, or, where none is needed, *key is NULL. False: it has
 * been answered with a refusal.
 */
bool sio_api_access_check(sio_api_access *access, sio_exchange *x, const sio_http_request *head,
                          const sio_cfg_api_key **key);

/* The key of that name as it is now; NULL: there is none any more. */
const sio_cfg_api_key *sio_api_access_find(const sio_env *env, const char *name);

/* Is the key (NULL: whoever opens the unix socket) good for this? An acknowledgement has none. */
bool sio_api_access_may(const sio_cfg_api_key *key, const sio_backend_command *c);

/* Is there room for one more command in this second? */
bool sio_api_access_take(sio_api_access *access, const sio_cfg_api_key *key);

#endif
