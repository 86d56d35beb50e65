#include "server/cluster/outbox.h"

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/seal.h"
#include "store/partitions.h"

/* False: out of memory, which was said. */
static bool
seal(sio_env *env, sio_view tag, sio_view message, sio_view *sealed)
{
    *sealed = message;
    if (!sio_seal_is_used(env) || sio_seal_put(env, tag, message, sealed))
        return true;
    sio_log_error(&env->log, NULL, "out of memory: a message to other instances is lost");
    return false;
}

int
sio_outbox_send(sio_env *env, sio_view tag, sio_view message)
{
    sio_view sealed;

    if (!seal(env, tag, message, &sealed))
        return SIO_ERR_NOMEM;
    return sio_store_publish(env->store, tag, sealed);
}

/* In the buffer of the cluster. SIO_OK, or why nobody is told. */
static int
encode_cast(sio_env *env, sio_cluster_message *m)
{
    sio_buf *out = &env->cluster->message;

    if (env->store == NULL) /* it does not listen yet */
        return SIO_ERR_UNAVAILABLE;
    m->from = sio_view_of(env->tag);
    sio_buf_clear(out);
    sio_cluster_message_encode(m, out);
    if (!out->failed)
        return SIO_OK;
    sio_log_error(&env->log, NULL, "out of memory: the other instances are not told");
    return SIO_ERR_NOMEM;
}

int
sio_outbox_cast(sio_env *env, sio_cluster_message *m)
{
    const int rc = encode_cast(env, m);

    return rc != SIO_OK ? rc
                        : sio_outbox_send(env, SIO_VIEW(""), sio_buf_view(&env->cluster->message));
}

int
sio_outbox_cast_to_partition(sio_env *env, unsigned number, sio_cluster_message *m)
{
    const int rc = encode_cast(env, m);
    sio_view  sealed;

    if (rc != SIO_OK)
        return rc;
    if (!seal(env, SIO_VIEW(""), sio_buf_view(&env->cluster->message), &sealed))
        return SIO_ERR_NOMEM;
    return sio_store_partition_publish(env->store, number, sealed);
}
