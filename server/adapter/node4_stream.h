/*
 * server/adapter/node4_stream.h - the ways of the streams adapter: a stream on which all events and
 * moves go, and two channels of each namespace, for questions and for answers to this instance.
 *
 * Rule: spec/socketio-ecosystem.md, 5.1.
 */
#ifndef SIO_ADAPTER_NODE4_STREAM_H
#define SIO_ADAPTER_NODE4_STREAM_H

#include "protocol/node4_cluster.h"
#include "store/tail.h"

typedef struct sio_env sio_env;

/* From now on these are told what is said there, with env. SIO_OK or a failure. */
int sio_node4_stream_join(sio_env *env, sio_store_heard heard, sio_store_tail_read read);

/*
 * What does the entry say? As sio_node4_entry_read(); valid until the next one is read. *is_own
 * says whether entries of this instance are read as well, and is told whether this is one.
 */
int sio_node4_stream_read(sio_env *env, const sio_stream_field *fields, size_t n, bool *is_own,
                          sio_node4_cluster_message *m);

/*
 * Add an entry whose `data` is in env->adapters->node4.message. SIO_OK, or as sio_store_tail_add(),
 * or SIO_ERR_NOMEM when the message has failed.
 */
int sio_node4_stream_add(sio_env *env, sio_view nsp, sio_node4_request_kind kind);

#endif
