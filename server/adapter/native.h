/*
 * server/adapter/native.h - what is about the sockets of all instances: each is told once, and does its part.
 *
 * Called by broadcast.c, survey.c, describe.c and bulk.c, and by cluster.c for what others say. The
 * message goes over the channel that every instance hears (cluster.h). Who does not hear it, because
 * its connection to Redis is lost at that moment, will not do its part.
 *
 * Of sio_target, `except` is a socket of this instance, so the others need not know it.
 */
#ifndef SIO_ADAPTER_NATIVE_H
#define SIO_ADAPTER_NATIVE_H

#include "server/cluster/module.h"
#include "server/socketio/namespace.h"

/*
 * Is what concerns these about this instance alone? The application may say so; and processes of Node
 * (node09.h) understand broadcasts, no questions and no moves.
 */
bool sio_native_is_alone(const sio_namespace *nsp, const sio_to *to);

/* Let them send p, an event. SIO_OK, or why nobody is told. */
int sio_native_broadcast(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                         const sio_packet *p);

/*
 * Let them send p, an event, each with an acknowledgement that is theirs, and pass on the answers that
 * come within timeout_ms under this number. SIO_OK; otherwise nobody is asked.
 */
int sio_native_survey(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                      const sio_packet *p, uint64_t number, unsigned timeout_ms);

/* Let them list those sockets, under this number. As above. */
int sio_native_fetch(sio_namespace *nsp, const sio_target *target, uint64_t number);

/* Let their sockets do that. As sio_native_broadcast(). */
int sio_native_move(sio_namespace *nsp, const sio_target *target, sio_cluster_move move,
                    sio_view room);

/* The number of the broadcast that the others are told next. */
sio_cast_id sio_native_next_cast(sio_env *env);

/* What others say of these. */
extern const sio_cluster_module sio_native_module;

#endif
