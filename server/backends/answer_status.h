/*
 * server/backends/answer_status.h - what the status of an answer means, before its body is read.
 *
 * Rule: the manual, "Webhooks". A backend that says no refuses for good; one that is broken, or
 * away, refuses nobody.
 */
#ifndef SIO_BACKENDS_ANSWER_STATUS_H
#define SIO_BACKENDS_ANSWER_STATUS_H

#include <stdbool.h>

#include "server/backends/event_queue.h"
#include "server/backends/http_call.h"

typedef struct {
    sio_event_request_result result; /* DONE: the body is to be read */
    sio_endpoint_report      report;
    bool                     is_refusal; /* of a connect; the body may say why */
    bool                     is_bad;     /* an answer that is none */
} sio_answer_status;

/* is_sent_once: "at most once"; what may have been read is not sent again. */
sio_answer_status sio_answer_status_of(const sio_http_answer *answer, bool is_connect,
                                       bool is_sent_once);

#endif
