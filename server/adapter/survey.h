/*
 * server/adapter/survey.h - a question to all instances, whose answers are collected into one JSON array.
 *
 * Called by describe.c. sio_broadcast_ack() is here, too:
 *
 *     begin    the clients (or sockets) of this instance are asked, then the question is cast
 *     answers  each instance says with its first one how many it asks, and which is its last
 *     end      all instances have said their last word or are lost; or the time is up
 *
 * What the others say is believed as far as it does no harm: one that was not asked, or says more than
 * it announced, is not listened to (counter "unasked_answers").
 */
#ifndef SIO_ADAPTER_SURVEY_H
#define SIO_ADAPTER_SURVEY_H

#include "server/cluster/module.h"
#include "server/socketio/namespace.h"

typedef struct sio_survey sio_survey;

/* To be given to sio_survey_run() or sio_survey_free(). NULL when out of memory. */
sio_survey *sio_survey_new(sio_namespace *nsp, sio_answers_fn fn, void *arg);

/* Nobody is told. NULL is allowed. */
void sio_survey_free(sio_survey *v);

/* The number under which other instances know it. */
uint64_t sio_survey_number(const sio_survey *v);

/* n more answers may come from this instance; one has come, a JSON value, which is copied. */
void sio_survey_note_asked(sio_survey *v, size_t n);
void sio_survey_add(sio_survey *v, sio_view json);

/* The question was cast: rc tells whether others have got it. They are waited for. */
void sio_survey_note_cast(sio_survey *v, int rc);

/* Tell the application when all is in, at the latest timeout_ms from now, never in this call. */
void sio_survey_run(sio_survey *v, unsigned timeout_ms);

/* The answers of others. */
extern const sio_cluster_module sio_survey_module;

/* The server ends: forget all; nobody is told. */
void sio_survey_free_all(sio_env *env);

#endif
