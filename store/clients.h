/*
 * store/clients.h - table of the data that clients have: for each id, values by key.
 *
 * The whole of the memory store's client data. The Redis store keeps the keys and
 * the lengths of what it sent, to hold each client to its limits and to know whose
 * data have to expire. No clock and no timer: when something has expired is for
 * the owner of the table to say.
 */
#ifndef SIO_STORE_CLIENTS_H
#define SIO_STORE_CLIENTS_H

#include "protocol/list.h"
#include "protocol/view.h"
#include "store/hash.h"
#include "store/store.h"

#include <stdbool.h>

typedef struct sio_clients sio_clients;

/* A value, in one piece of memory with its key. */
typedef struct {
    sio_link link; /* in client->values */
    sio_view key;
    sio_view text; /* data is NULL when only the length is known */
} sio_stored_value;

/* A client that has set something. It stays, even without values, until it is dropped. */
typedef struct {
    sio_hash_node node;     /* private; node.key is the id */
    sio_link      in_ended; /* private */
    sio_link      values;   /* few: searched one by one */
    size_t        n_keys;
    size_t        n_bytes;    /* keys and values */
    uint64_t      expires_ms; /* once it has ended, on the clock of store/clock.h */
    bool          ended;
} sio_stored_client;

/*
 * An empty table. counters are borrowed and outlive it; it counts data_clients.
 * Returns SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS.
 */
int sio_clients_new(sio_clients **out, sio_store_counters *counters);

/* Frees what is inside too. NULL is allowed. */
void sio_clients_free(sio_clients *t);

/* The client with this id, or NULL when it has set nothing. Valid until it is dropped. */
sio_stored_client *sio_clients_find(const sio_clients *t, sio_view id);

/*
 * Set a value of the client with this id, in place of one with the same key. key and
 * text are copied; of a text with data NULL the length is kept. Returns SIO_OK,
 * SIO_ERR_FULL (also when the client has ended) or SIO_ERR_NOMEM; after a failure
 * everything is as before.
 */
int sio_clients_set(sio_clients *t, sio_view id, sio_view key, sio_view text,
                    const sio_store_client_limits *limits);

/* The client with this id may have values that were set elsewhere. SIO_OK or SIO_ERR_NOMEM. */
int sio_clients_note(sio_clients *t, sio_view id);

/* NULL when there is none. Valid until it is set or deleted, or its client is dropped. */
const sio_stored_value *sio_clients_get(const sio_stored_client *c, sio_view key);

/* Was there one? */
bool sio_clients_del(sio_clients *t, sio_stored_client *c, sio_view key);

/* The client has left; call it once. Constant time as long as all live on for the same time. */
void sio_clients_end(sio_clients *t, sio_stored_client *c, uint64_t expires_ms);

/* Those that have ended, first to expire first: NULL gives the first, NULL comes after the last. */
sio_stored_client *sio_clients_next_ended(const sio_clients *t, const sio_stored_client *after);

/* Keys and values of those that have ended, in bytes. */
size_t sio_clients_ended_bytes(const sio_clients *t);

/* Take out of the table and free. */
void sio_clients_drop(sio_clients *t, sio_stored_client *c);

#endif
