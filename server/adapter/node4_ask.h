/*
 * server/adapter/node4_ask.h - questions of the application to all servers: those of Node, and the
 * instances of siobroker among them.
 *
 * Nobody knows who the others are, only how many: Redis is asked for that after the question was
 * published. Each answer is believed, and as many are awaited as there are others (survey.h). A
 * number of ours follows the uid in each question, so that an answer finds its survey.
 *
 * Rules: spec/socketio-ecosystem.md, 1.4 and 1.5.
 */
#ifndef SIO_ADAPTER_NODE4_ASK_H
#define SIO_ADAPTER_NODE4_ASK_H

#include "protocol/node4_event.h"
#include "protocol/node4_response.h"
#include "server/socketio/adapter.h"

/* As of sio_adapter: of e, to which there is no obstacle. */
int sio_node4_ask_clients(sio_namespace *nsp, const sio_node4_event *e, uint64_t number,
                          unsigned timeout_ms);
int sio_node4_ask_fetch(sio_namespace *nsp, const sio_node4_event *to, uint64_t number);
int sio_node4_ask_count(sio_namespace *nsp, const sio_node4_event *to, uint64_t number);
int sio_node4_ask_rooms(sio_namespace *nsp, sio_view prefix, uint64_t number);
int sio_node4_ask_applications(sio_namespace *nsp, sio_view event, sio_view args, uint64_t number);

/* Somebody has answered somebody. SIO_OK, or as sio_node4_response_read(). */
int sio_node4_ask_hear(sio_env *env, sio_view bytes);

/* The same, of what was read: an answer to a question of this instance, if its number is one. */
void sio_node4_ask_take(sio_env *env, const sio_node4_response *a);

#endif
