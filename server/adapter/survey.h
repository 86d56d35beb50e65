/*
 * server/adapter/survey.h - a question to all instances, whose answers are collected into one JSON
 * array.
 *
 * What is asked is known to questions.c:
 *
 *     begin    the question is cast, and the clients (or sockets) of this instance are asked
 *     answers  each instance says with its first one how many it asks, and which is its last
 *     end      all instances have said their last word or are lost; or the time is up
 *
 * What the others say is believed as far as it does no harm: one that was not asked, or says more
 * than it announced, is not listened to (counter "unasked_answers").
 */
#ifndef SIO_ADAPTER_SURVEY_H
#define SIO_ADAPTER_SURVEY_H

#include "server/cluster/module.h"
#include "server/socketio/ack_group.h"

/* Others who are counted, but not known (node4_ask.c). */
typedef struct {
    bool     is_asked, is_counted, is_done;
    int      what; /* was asked, for the one who did */
    size_t   n_expected;
    size_t   n_said; /* how many of them have said how many answers they have */
    uint64_t n_due;  /* answers that they have announced and not given */
    char    *prefix; /* of names of rooms; owned; may be NULL */
} sio_survey_strangers;

typedef struct sio_survey {
    sio_link             link; /* in adapters->surveys */
    sio_hash_node        node; /* in adapters->surveys_by_number */
    uint64_t             number;
    sio_namespace       *nsp;
    sio_ack_group        ask;         /* the clients of this instance */
    sio_link             respondents; /* the other instances */
    size_t               n_silent;    /* of these: they have not said their last word */
    bool                 is_cast;     /* others may answer */
    sio_survey_strangers strangers;
    sio_buf              json;
    size_t               n_bytes; /* of it, that are answers */
    sio_answers          answers; /* but for the JSON, which is added at the end */
    /* For the one who asks: tell the application, which may do anything in the call. */
    void (*tell)(const struct sio_survey *v);
    union { /* to be filled in */
        sio_answers_fn answers;
        sio_count_fn   count;
        sio_rooms_fn   rooms;
    } fn;
    void     *arg;
    size_t    limit; /* of rooms */
    sio_timer timer;
} sio_survey;

/*
 * A new question. NULL when out of memory, or the server ends (sio_error() tells). It belongs to
 * the caller until it is given to sio_survey_run() or sio_survey_free().
 */
sio_survey *sio_survey_new(sio_namespace *nsp, void (*tell)(const sio_survey *v), void *arg);

/* n more answers may come from this instance. */
void sio_survey_note_asked(sio_survey *v, size_t n);

/* An answer of this instance, a JSON value. */
void sio_survey_add(sio_survey *v, sio_view json);

/*
 * The question with that number was cast to all peers (cluster/peers.h): they are waited for, if rc
 * is SIO_OK. Returns rc.
 */
int sio_survey_note_cast(sio_env *env, uint64_t number, int rc);

/* The question with that number, or NULL. */
sio_survey *sio_survey_find(sio_env *env, uint64_t number);

/* --- Strangers. The application is never told in these calls. --- */

/* They were asked, and are waited for, whoever they are. */
void sio_survey_await_strangers(sio_survey *v, int what);

/* There are so many. */
void sio_survey_count_strangers(sio_survey *v, size_t n);

/* One has said that it has asked, or has, n: as many answers are due, or none. */
void sio_survey_stranger_said(sio_survey *v, size_t n, bool are_due);

/* An answer of one of them, a JSON value. */
void sio_survey_stranger_answered(sio_survey *v, sio_view json);

/* SIO_OK or SIO_ERR_NOMEM. */
int sio_survey_keep_prefix(sio_survey *v, sio_view prefix);

/* Tell the application when all is in, at the latest timeout_ms from now, never in this call. */
void sio_survey_run(sio_survey *v, unsigned timeout_ms);

/* Nobody is told. NULL is allowed. */
void sio_survey_free(sio_survey *v);

/* The answers of others. */
extern const sio_cluster_module sio_survey_module;

/* The server ends: tell the application what has come so far, of all. */
void sio_survey_finish_all(sio_env *env);

#endif
