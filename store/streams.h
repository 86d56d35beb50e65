/*
 * store/streams.h - streams that other programs read, and write, in Redis.
 *
 * Called by server/, with the same store and under the same rules as store/store.h. A stream keeps
 * entries in order until they are trimmed. Programs read it in groups: each group gets each entry,
 * one member of it at a time, and acknowledges what it has done. Names are those behind the prefix
 * of the cluster, and as long as an id may be. An instance alone (store/memory.h) has none:
 * everything is SIO_ERR_UNAVAILABLE.
 */
#ifndef SIO_STORE_STREAMS_H
#define SIO_STORE_STREAMS_H

#include "store/store.h"

enum {
    SIO_STREAM_MAX_FIELDS = 8,   /* of an entry that is added; or that is read: the first ones */
    SIO_STREAM_MAX_ID = 41,      /* two numbers with '-' between */
    SIO_STREAM_MAX_GROUPS = 16,  /* of a stream that one is told of */
    SIO_STREAM_READ_COUNT = 100, /* entries at once */
    SIO_STREAM_ACK_COUNT = 32    /* likewise, that are acknowledged */
};

/* Of an entry; any bytes. */
typedef struct {
    sio_view name, value;
} sio_stream_field;

/*
 * How long a stream keeps what is added, whether it was read or not. Zeroed: until it is trimmed.
 */
typedef struct {
    size_t   max_entries; /* about so many: the oldest go */
    uint64_t ttl_ms;      /* nothing was added for so long: all go */
} sio_stream_life;

/*
 * Add an entry. Entries of one instance are added in the order of these calls. SIO_OK: it is there.
 * SIO_ERR_UNAVAILABLE: the connection was lost, or Redis refuses; after the former it may be there
 * all the same. SIO_ERR_FULL: too much waits for Redis. SIO_ERR_NOMEM, SIO_TOO_LARGE (the name).
 * cb NULL: nobody waits, and NULL is returned.
 */
sio_store_req *sio_store_stream_add(sio_store *store, sio_view stream,
                                    const sio_stream_field *fields, size_t n,
                                    const sio_stream_life *life, sio_store_done_cb cb, void *arg);

/* A group that reads a stream. */
typedef struct {
    sio_view name;     /* any bytes */
    uint64_t n_unread; /* that it has not been given */
} sio_stream_group;

/* What a stream holds after trimming. */
typedef struct {
    uint64_t n_entries;
    uint64_t n_bytes;  /* about so many; 0: Redis does not tell */
    uint64_t n_unread; /* that the group which is behind has not been given; before 7 it tells 0 */
    size_t   n_groups; /* of which Redis tells that; valid during the call */
    const sio_stream_group *groups;
} sio_stream_size;

/* SIO_OK, SIO_ERR_UNAVAILABLE, SIO_ERR_NOMEM, SIO_TOO_LARGE. size is valid during the call. */
typedef void (*sio_store_size_cb)(void *arg, int rc, const sio_stream_size *size);

/*
 * Forget the entries that all groups have read and acknowledged, about; in one step, so that no
 * group loses anything. Of a stream without a group about max_alone entries stay.
 */
sio_store_req *sio_store_stream_trim(sio_store *store, sio_view stream, size_t max_alone,
                                     sio_store_size_cb cb, void *arg);

/*
 * A group has done with entries: 1 to SIO_STREAM_ACK_COUNT of them. SIO_OK; SIO_ERR_UNAVAILABLE:
 * the connection was lost, or Redis refuses, so that they may come again; or the others of adding.
 */
sio_store_req *sio_store_stream_acknowledge(sio_store *store, sio_view stream, sio_view group,
                                            const sio_view *ids, size_t n, sio_store_done_cb cb,
                                            void *arg);

/* --- Reading, on a connection of its own. --- */

typedef struct sio_stream_reader sio_stream_reader;

typedef struct {
    sio_view stream, group, consumer; /* copied */
    /*
     * An entry that the group has not acknowledged, in their order; it comes again, now and then,
     * until it is. n is 0: there is nothing of it any more, or (is_too_large) it can not be read.
     * Views are valid during the call.
     */
    void (*entry)(void *arg, sio_view id, const sio_stream_field *fields, size_t n,
                  bool is_too_large);
    /* All that was read has been told: read on (_next), now or later. */
    void (*read)(void *arg);
    void *arg;
} sio_stream_reader_cfg;

/*
 * Read as one member of a group, which is made if it is not there. Several that have the same
 * consumer, on several instances, get each other's entries; see to it that one reads at a time
 * (store/lease.h). First comes what was told before and not acknowledged. SIO_OK, SIO_ERR_NOMEM,
 * or SIO_ERR_UNAVAILABLE: this store has no streams.
 */
int sio_store_stream_reader_new(sio_stream_reader **out, sio_store *store,
                                const sio_stream_reader_cfg *cfg);

/* Read on, as soon as there is anything; `read` tells the end. */
void sio_stream_reader_next(sio_stream_reader *reader);

/* Nothing is called any more. NULL is allowed. Not from inside a callback of it. */
void sio_stream_reader_free(sio_stream_reader *reader);

/* For implementations, which find names checked. */
struct sio_store_stream_ops {
    sio_store_req *(*add)(sio_store *self, sio_view stream, const sio_stream_field *fields,
                          size_t n, const sio_stream_life *life, sio_store_done_cb cb, void *arg);
    sio_store_req *(*trim)(sio_store *self, sio_view stream, size_t max_alone, sio_store_size_cb cb,
                           void *arg);
    sio_store_req *(*acknowledge)(sio_store *self, sio_view stream, sio_view group,
                                  const sio_view *ids, size_t n, sio_store_done_cb cb, void *arg);
    int (*reader_new)(sio_stream_reader **out, sio_store *self, const sio_stream_reader_cfg *cfg);
};

struct sio_stream_reader {
    void (*next)(sio_stream_reader *self);
    void (*free)(sio_stream_reader *self);
};

#endif
