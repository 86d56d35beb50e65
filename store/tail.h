/*
 * store/tail.h - a stream of Redis that other programs use too, under its own name: whoever reads
 * it reads all that is added, from when it began on.
 *
 * As store/channels.h, but what is added stays there until it is trimmed, so that a reader which
 * was away goes on where it was. What was trimmed meanwhile is lost (counter tail_gaps). Entries
 * keep the order in which Redis has taken them, and one's own are read like all others. An instance
 * alone (store/memory.h) reads nothing and reaches nobody.
 */
#ifndef SIO_STORE_TAIL_H
#define SIO_STORE_TAIL_H

#include "store/channels.h"
#include "store/streams.h"

/*
 * id and fields are valid during the call, which may do anything but free the store; n is 0 for an
 * entry that is larger than a reply of Redis may be, and is left out.
 */
typedef void (*sio_store_tail_read)(void *arg, sio_view id, const sio_stream_field *fields,
                                    size_t n);

/*
 * Read the stream, whose name is borrowed as long as the store, on a connection of its own. Once
 * for a store. SIO_OK or SIO_ERR_NOMEM.
 */
int sio_store_tail_follow(sio_store *store, const char *stream, sio_store_tail_read fn, void *arg);

/*
 * Add an entry of at most SIO_STREAM_MAX_FIELDS to a stream, of which about max_entries are kept.
 * Results as those of sio_store_publish(), and counted with those messages; SIO_TOO_LARGE: nobody
 * could read it.
 */
int sio_store_tail_add(sio_store *store, sio_view stream, const sio_stream_field *fields, size_t n,
                       size_t max_entries);

/* The id of the entry that was told last, or is being told; "": not known yet. */
const char *sio_store_tail_position(sio_store *store);

/* Is an id, "<number>-<number>", behind the other one? */
bool sio_store_tail_is_behind(const char *id, const char *other);

/* For implementations; `past` is described in store/past.h. */
struct sio_store_tail_ops {
    const struct sio_store_past_ops *past;
    int (*follow)(sio_store *self, const char *stream, sio_store_tail_read fn, void *arg);
    const char *(*position)(sio_store *self);
    int (*add)(sio_store *self, sio_view stream, const sio_stream_field *fields, size_t n,
               size_t max_entries);
};

#endif
