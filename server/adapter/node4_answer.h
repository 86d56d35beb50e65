/*
 * server/adapter/node4_answer.h - what servers of Node ask, and what they are answered.
 *
 * Called by node4.c, for a member of their cluster. Each question of theirs is answered once, at
 * once where the answer is known here, and with an empty one where there is nobody: they count
 * answers, not who gives them.
 *
 * q is the request; what it views lives during the call. The application may do anything in it.
 * Rules: spec/socketio-ecosystem.md, 1.4, 1.7 and 2.2.
 */
#ifndef SIO_ADAPTER_NODE4_ANSWER_H
#define SIO_ADAPTER_NODE4_ANSWER_H

#include "protocol/node4_request.h"
#include "server/socketio/rooms.h"

/* SOCKETS and FETCH: the sockets that target says. */
void sio_node4_answer_sockets(sio_namespace *nsp, const sio_target *target,
                              const sio_node4_request *q);

/* ALL_ROOMS. */
void sio_node4_answer_all_rooms(sio_namespace *nsp, const sio_node4_request *q);

/* CLIENT_ROOMS: of a socket that is here. */
void sio_node4_answer_client_rooms(const sio_socket *socket, const sio_node4_request *q);

/* What q wants was done, for a socket that is here. */
void sio_node4_answer_done(sio_namespace *nsp, const sio_node4_request *q);

/* CUSTOM: nobody here has an answer. */
void sio_node4_answer_custom(sio_namespace *nsp, const sio_node4_request *q);

/* SERVER_SIDE, with a request_id: let the application answer. */
void sio_node4_answer_server_side(sio_namespace *nsp, const sio_node4_request *request);

/* ASK: let the sockets hear p, and pass on how they acknowledge it. */
void sio_node4_answer_ask(sio_namespace *nsp, const sio_target *target, const sio_packet *p,
                          const sio_node4_request *q);

/* Nobody is answered any more. */
void sio_node4_answer_forget_all(sio_env *env);

#endif
