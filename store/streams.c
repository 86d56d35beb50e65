#include "store/streams.h"

#include <assert.h>

/* SIO_OK: it can be asked. */
static int
may_ask(const sio_store *store, sio_view stream)
{
    if (store->ops->streams == NULL)
        return SIO_ERR_UNAVAILABLE;
    return sio_store_id_usable(stream) ? SIO_OK : SIO_TOO_LARGE;
}

sio_store_req *
sio_store_stream_add(sio_store *store, sio_view stream, const sio_stream_field *fields, size_t n,
                     const sio_stream_life *life, sio_store_done_cb cb, void *arg)
{
    const int rc = may_ask(store, stream);

    assert(n > 0 && n <= SIO_STREAM_MAX_FIELDS);
    if (rc == SIO_OK)
        return store->ops->streams->add(store, stream, fields, n, life, cb, arg);
    if (cb != NULL)
        cb(arg, rc);
    return NULL;
}

sio_store_req *
sio_store_stream_trim(sio_store *store, sio_view stream, size_t max_alone, sio_store_size_cb cb,
                      void *arg)
{
    const int rc = may_ask(store, stream);

    if (rc == SIO_OK)
        return store->ops->streams->trim(store, stream, max_alone, cb, arg);
    cb(arg, rc, &(sio_stream_size){.n_entries = 0});
    return NULL;
}

sio_store_req *
sio_store_stream_acknowledge(sio_store *store, sio_view stream, sio_view group, const sio_view *ids,
                             size_t n, sio_store_done_cb cb, void *arg)
{
    const int rc = may_ask(store, stream);

    assert(n > 0 && n <= SIO_STREAM_ACK_COUNT);
    if (rc == SIO_OK)
        return store->ops->streams->acknowledge(store, stream, group, ids, n, cb, arg);
    cb(arg, rc);
    return NULL;
}

int
sio_store_stream_reader_new(sio_stream_reader **out, sio_store *store,
                            const sio_stream_reader_cfg *cfg)
{
    const int rc = may_ask(store, cfg->stream);

    return rc == SIO_OK ? store->ops->streams->reader_new(out, store, cfg) : rc;
}

void
sio_stream_reader_next(sio_stream_reader *reader)
{
    reader->next(reader);
}

void
sio_stream_reader_free(sio_stream_reader *reader)
{
    if (reader != NULL)
        reader->free(reader);
}
