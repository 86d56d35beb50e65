/*
 * store/once_table.h - the keys of store/once.h of an instance alone; for store/memory.c.
 *
 * Nothing here knows a limit: whoever claims keys has one. What has expired goes at one of the next
 * claims.
 */
#ifndef SIO_STORE_ONCE_TABLE_H
#define SIO_STORE_ONCE_TABLE_H

#include "protocol/list.h"
#include "store/hash.h"
#include "store/once.h"

typedef struct {
    sio_hash by_key;
    sio_link entries; /* all of them; the first is looked at next */
} sio_once_table;

/* SIO_OK or SIO_ERR_NOMEM; to be finished either way. */
int  sio_once_table_init(sio_once_table *t);
void sio_once_table_fini(sio_once_table *t);

/* As of sio_store_once_claim(), now; value gets what is there, valid until the next call. */
int sio_once_table_claim(sio_once_table *t, sio_view key, sio_view *value, uint64_t ttl_ms);

/* Out of memory: the old value stays, until it would have gone. */
void sio_once_table_put(sio_once_table *t, sio_view key, sio_view value, uint64_t ttl_ms);

void sio_once_table_drop(sio_once_table *t, sio_view key);

#endif
