/*
 * server/adapter/survey.h - a question to all instances, whose answers are collected into one JSON
 * array.
 *
 * sio_broadcast_ack() and sio_fetch() are here:
 *
 *     begin    the clients (or sockets) of this instance are asked, then the question is cast
 *     answers  each instance says with its first one how many it asks, and which is its last
 *     end      all instances have said their last word or are lost; or the time is up
 *
 * What the others say is believed as far as it does no harm: one that was not asked, or says more
 * than it announced, is not listened to (counter "unasked_answers").
 */
#ifndef SIO_ADAPTER_SURVEY_H
#define SIO_ADAPTER_SURVEY_H

#include "server/cluster/module.h"

/* The answers of others. */
extern const sio_cluster_module sio_survey_module;

/* The server ends: forget all; nobody is told. */
void sio_survey_free_all(sio_env *env);

#endif
