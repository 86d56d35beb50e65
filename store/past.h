/*
 * store/past.h - what a stream (store/tail.h) holds already, and a value that somebody left for the
 * one who comes to ask for it.
 *
 * Called by server/, with the same store and under the same rules as store/store.h. Keys and the
 * stream have names of their own, as other programs use them, too. An instance alone has none of
 * this: nothing is kept, and nothing found.
 */
#ifndef SIO_STORE_PAST_H
#define SIO_STORE_PAST_H

#include "store/tail.h"

enum {
    SIO_PAST_MAX_VALUE = 1 << 20, /* bytes that are taken */
    SIO_PAST_MAX_PAGE = 4 << 20,  /* bytes of entries that are told at once */
};

/* Keep a value (copied) under key for ttl_ms (> 0). SIO_OK, SIO_ERR_UNAVAILABLE, SIO_ERR_FULL. */
int sio_store_past_put(sio_store *store, sio_view key, sio_view value, uint64_t ttl_ms);

/*
 * Take the value out: of all who ask one gets it, and only if the stream still has the entry with
 * that id. It is gone either way. SIO_OK; SIO_ERR_NOT_FOUND; SIO_TOO_LARGE; SIO_ERR_UNAVAILABLE;
 * SIO_ERR_NOMEM.
 */
sio_store_req *sio_store_past_take(sio_store *store, sio_view key, sio_view stream, sio_view id,
                                   sio_store_value_cb cb, void *arg);

/* Entries behind an id, oldest first. Views are valid during the call that tells them. */
typedef struct {
    sio_view id, data;
} sio_past_entry;

typedef struct {
    sio_view              read_to;  /* it was looked at up to this id; empty: there was nothing */
    bool                  is_whole; /* to the end of the stream */
    const sio_past_entry *entries;
    size_t                n;
} sio_past_page;

/*
 * SIO_OK; SIO_TOO_LARGE: one entry alone is larger than a page; SIO_ERR_UNAVAILABLE; SIO_ERR_NOMEM.
 */
typedef void (*sio_store_past_cb)(void *arg, int rc, const sio_past_page *page);

/*
 * The field `data` of the entries behind that id, "<number>-<number>", whose fields `nsp` and `type`
 * are these; some of them, as long as the page is not whole.
 */
sio_store_req *sio_store_past_read(sio_store *store, sio_view stream, sio_view id, sio_view nsp,
                                   sio_view type, sio_store_past_cb cb, void *arg);

/* For implementations. */
struct sio_store_past_ops {
    int (*put)(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms);
    sio_store_req *(*take)(sio_store *self, sio_view key, sio_view stream, sio_view id,
                           sio_store_value_cb cb, void *arg);
    sio_store_req *(*read)(sio_store *self, sio_view stream, sio_view id, sio_view nsp,
                           sio_view type, sio_store_past_cb cb, void *arg);
};

#endif
