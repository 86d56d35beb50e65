/*
 * server/adapter/respondent.h - what this instance answers to questions of others (survey.h has the
 * other side).
 *
 * Called by native.c. Each question gets one SIO_CM_ANSWER or more, the last of which says so: what
 * clients have answered in one turn of the loop travels together. All is bounded by the half of
 * "max instance backlog": what does not fit is dropped (counter "backlog_full"), and the one who
 * asked sees that there are fewer answers than were asked.
 *
 * m is the question.
 */
#ifndef SIO_ADAPTER_RESPONDENT_H
#define SIO_ADAPTER_RESPONDENT_H

#include "server/cluster/module.h"
#include "server/socketio/rooms.h"

/* Let those sockets acknowledge p, an event, until the time of the question is up. */
void sio_respondent_survey(sio_peer *peer, sio_namespace *nsp, const sio_target *target,
                           bool is_volatile, const sio_packet *p, const sio_cluster_message *m);

/* Tell which of those sockets are here. */
void sio_respondent_fetch(sio_peer *peer, sio_namespace *nsp, const sio_target *target,
                          const sio_cluster_message *m);

/* Tell how many of those sockets are here. */
void sio_respondent_count(sio_peer *peer, sio_namespace *nsp, const sio_target *target,
                          const sio_cluster_message *m);

/* Tell the first rooms that are here. */
void sio_respondent_rooms(sio_peer *peer, sio_namespace *nsp, const sio_cluster_message *m);

/* Let the application hear an event, and answer it until the time of the question is up. */
void sio_respondent_server_side(sio_peer *peer, sio_namespace *nsp, const sio_cluster_message *m);

/* There is no such namespace here. */
void sio_respondent_nothing(sio_peer *peer, const sio_cluster_message *m);

/* Whoever has asked may be gone. */
extern const sio_cluster_module sio_respondent_module;

#endif
