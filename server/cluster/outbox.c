#include "server/cluster/outbox.h"

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/seal.h"

int
sio_outbox_send(sio_env *env, sio_view tag, sio_view message)
{
    sio_view sealed = message;

    if (sio_seal_is_used(env) && !sio_seal_put(env, tag, message, &sealed)) {
        sio_log_error(&env->log, NULL, "out of memory: a message to other instances is lost");
        return SIO_ERR_NOMEM;
    }
    return sio_store_publish(env->store, tag, sealed);
}

int
sio_outbox_cast(sio_env *env, sio_cluster_message *m)
{
    sio_buf *out = &env->cluster->message;

    if (env->store == NULL) /* it does not listen yet */
        return SIO_ERR_UNAVAILABLE;
    m->from = sio_view_of(env->tag);
    sio_buf_clear(out);
    sio_cluster_message_encode(m, out);
    if (!out->failed)
        return sio_outbox_send(env, SIO_VIEW(""), sio_buf_view(out));
    sio_log_error(&env->log, NULL, "out of memory: the other instances are not told");
    return SIO_ERR_NOMEM;
}
