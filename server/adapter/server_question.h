/*
 * server/adapter/server_question.h - a question of another server to the application of this one:
 * serverSideEmitWithAck() there.
 *
 * Called by whoever hears one: respondent.c for another instance, node4_answer.c for a process of
 * Node. The application takes it while it hears the event, and answers then or later; who does not
 * take it has no answer.
 */
#ifndef SIO_ADAPTER_SERVER_QUESTION_H
#define SIO_ADAPTER_SERVER_QUESTION_H

#include "server/base/timer_wheel.h"
#include "server/socketio/namespace.h"

/*
 * The first member of what was asked, which is from calloc(): it is freed with it, by the
 * application once that has taken it.
 */
struct sio_server_question {
    sio_env  *env; /* NULL: nobody waits for an answer any more */
    sio_timer timer;
    bool      is_taken;
    /* Tell who asked: the answer, JSON, or empty: there is none. */
    void (*tell)(sio_server_question *q, sio_view json);
    /* Nothing will be told from now on: release everything but q. */
    void (*forget)(sio_server_question *q);
};

/*
 * Let the application hear the event, which it may answer within timeout_ms. q, with its functions
 * filled in, is owned here; without any (no memory) it can not be answered.
 */
void sio_server_question_ask(sio_namespace *nsp, sio_server_question *q, sio_view event,
                             sio_view args, unsigned timeout_ms);

/* Who asked is gone. */
void sio_server_question_forget(sio_server_question *q);

#endif
