/*
 * server/adapter/python_publish.h - what is told to servers of python-socketio: see python.h.
 */
#ifndef SIO_ADAPTER_PYTHON_PUBLISH_H
#define SIO_ADAPTER_PYTHON_PUBLISH_H

#include "protocol/python_message.h"
#include "server/socketio/adapter.h"

/* As broadcast and move of sio_adapter: instances of siobroker are told as ever. */
int sio_python_publish_event(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                             const sio_packet *p);
int sio_python_publish_move(sio_namespace *nsp, const sio_target *target, sio_cluster_move move,
                            sio_view text);

/* A client here has acknowledged an event of asker; args: a JSON array. */
void sio_python_publish_answer(sio_env *env, const sio_python_asker *asker, sio_view args);

#endif
