#include "server/adapter/node4_stream.h"

#include "protocol/node4_channel.h"
#include "protocol/node4_entry.h"
#include "server/adapter/adapters.h"
#include "server/adapter/node4_channels.h"
#include "server/base/env.h"
#include "server/config/config.h"

int
sio_node4_stream_read(sio_env *env, const sio_stream_field *fields, size_t n, bool *is_own,
                      sio_node4_cluster_message *m)
{
    sio_node4      *node4 = &env->adapters->node4;
    const sio_view  me = sio_view_of(node4->uid);
    const bool      wants_own = *is_own;
    sio_node4_entry e = {.uid = SIO_VIEW("")};

    *is_own = false;
    if (n == 0)
        return SIO_TOO_LARGE;
    for (size_t i = 0; i < n; i++)
        sio_node4_entry_set(&e, fields[i].name, fields[i].value);
    *is_own = sio_view_eq(e.uid, me);
    return sio_node4_entry_read(&node4->reader, &e, *is_own && wants_own ? SIO_VIEW("") : me,
                                &node4->entry, m);
}

int
sio_node4_stream_add(sio_env *env, sio_view nsp, sio_node4_request_kind kind)
{
    sio_node4             *n = &env->adapters->node4;
    const sio_stream_field fields[] = {
        {SIO_VIEW("uid"), sio_view_of(n->uid)},
        {SIO_VIEW("nsp"), sio_node4_channel_name_of(nsp)},
        {SIO_VIEW("type"), sio_node4_entry_type(kind)},
        {SIO_VIEW("data"), sio_buf_view(&n->message)},
    };

    if (n->message.failed)
        return SIO_ERR_NOMEM;
    return sio_store_tail_add(env->store, sio_view_of(env->cfg->node_stream), fields,
                              sizeof fields / sizeof *fields, env->cfg->node_stream_length);
}

int
sio_node4_stream_join(sio_env *env, sio_store_heard heard, sio_store_tail_read read)
{
    static const char *const none[] = {NULL};
    int                      rc = sio_store_channels_hear(env->store, none, none, heard, env);

    if (rc == SIO_OK)
        rc = sio_store_tail_follow(env->store, env->cfg->node_stream, read, env);
    if (rc == SIO_OK)
        sio_node4_channels_join(env);
    return rc;
}
