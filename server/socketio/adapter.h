/*
 * server/socketio/adapter.h - who reaches the sockets of other instances.
 *
 * A word of socket.io. A server has at most one (io->adapter), set when it begins to listen; with
 * one instance alone there is none. What concerns sockets is done here by those who call these
 * functions: an adapter only lets the others do their part.
 *
 * Of sio_target, `except` is a socket of this instance, so the others need not know it. Each
 * function is called before anything happens here, and returns SIO_OK, or why nobody is told.
 * SIO_BAD is for what the others must not be told, as they could not bear it: then nothing happens
 * here either, and sio_error() tells why. One that is NULL is what the others do not understand.
 *
 * What asks has the number of a survey (adapter/survey.h), which is told there whose answers are to
 * be waited for.
 */
#ifndef SIO_SOCKETIO_ADAPTER_H
#define SIO_SOCKETIO_ADAPTER_H

#include "protocol/cluster_message.h"
#include "server/socketio/io.h"
#include "server/socketio/rooms.h"

/* What is said comes back to this instance, and is then sent to the clients here, too. */
enum { SIO_ADAPTER_COMES_BACK = 1 };

typedef struct sio_adapter {
    /* The number of the broadcast that is made next, by which all know it (recovery.h). */
    sio_cast_id (*next_cast)(sio_env *env);

    /* Let them send p, an event. SIO_OK, SIO_ADAPTER_COMES_BACK or a failure. */
    int (*broadcast)(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                     const sio_packet *p);

    /*
     * p is for one socket, which is here. SIO_OK: it goes the way of broadcasts, so as to keep its
     * place among them, and is sent when it comes back. Else it is to be sent now.
     */
    int (*emit)(sio_socket *socket, bool is_volatile, const sio_packet *p);

    /* Let their sockets do that. */
    int (*move)(sio_namespace *nsp, const sio_target *target, sio_cluster_move move, sio_view room);

    /*
     * Let them send p, an event, each with an acknowledgement that is theirs, and pass on the
     * answers that come within timeout_ms under this number.
     */
    int (*survey)(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                  const sio_packet *p, uint64_t number, unsigned timeout_ms);

    /* Let them list those sockets, under this number. */
    int (*fetch)(sio_namespace *nsp, const sio_target *target, uint64_t number);

    /* Let them count those sockets. */
    int (*count)(sio_namespace *nsp, const sio_target *target, uint64_t number);

    /*
     * Let their applications hear an event; args: a JSON array, or empty. number 0: nobody waits
     * for answers, else as of survey.
     */
    int (*server_side)(sio_namespace *nsp, sio_view event, sio_view args, uint64_t number,
                       unsigned timeout_ms);

    /* Let them list the first rooms whose names begin so, at most max_rooms. */
    int (*rooms)(sio_namespace *nsp, sio_view prefix, size_t max_rooms, uint64_t number);
} sio_adapter;

/* 0, or -1: the server neither listens nor has it joined a cluster, so nobody could be reached. */
static inline int
sio_adapter_check(const sio_namespace *nsp)
{
    if (nsp->env->store != NULL)
        return 0;
    return sio_env_fail(nsp->env, "nobody is reached before sio_listen() or sio_join_cluster()");
}

/* The one that reaches others, if `to` (NULL: everyone) means others; or NULL. */
static inline const sio_adapter *
sio_adapter_for(const sio_namespace *nsp, const sio_to *to)
{
    return to != NULL && to->is_local ? NULL : nsp->env->io->adapter;
}

#endif
