#include "server/backends/answer_status.h"

enum { GONE = 410 };

/* Later it may be another one (RFC 9110, 15.5 and 15.6; RFC 8470; RFC 6585). */
static bool
is_answer_for_now(unsigned status)
{
    static const unsigned rows[] = {408, 425, 429, 500, 502, 503, 504};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i] == status)
            return true;
    return false;
}

static sio_event_request_result
again(bool is_sent_once)
{
    return is_sent_once ? SIO_EVENT_REQUEST_FAILED : SIO_EVENT_REQUEST_AGAIN;
}

static sio_answer_status
status_of_answer(unsigned status, bool is_connect, bool is_sent_once)
{
    if (status >= 200 && status <= 299)
        return (sio_answer_status){.result = SIO_EVENT_REQUEST_DONE, .report = SIO_ENDPOINT_WORKS};
    if (is_connect && (status == 401 || status == 403))
        return (sio_answer_status){
            .result = SIO_EVENT_REQUEST_DONE, .report = SIO_ENDPOINT_WORKS, .is_refusal = true};
    return (sio_answer_status){.result = is_answer_for_now(status) ? again(is_sent_once)
                                                                   : SIO_EVENT_REQUEST_FAILED,
                               .report = status == GONE  ? SIO_ENDPOINT_LEFT
                                         : status >= 500 ? SIO_ENDPOINT_FAILED
                                                         : SIO_ENDPOINT_WORKS};
}

sio_answer_status
sio_answer_status_of(const sio_http_answer *answer, bool is_connect, bool is_sent_once)
{
    sio_answer_status s;

    switch (answer->outcome) {
    case SIO_HTTP_UNSENT:
        return (sio_answer_status){SIO_EVENT_REQUEST_AGAIN, SIO_ENDPOINT_FAILED, false, false};
    case SIO_HTTP_LOST:
        return (sio_answer_status){again(is_sent_once), SIO_ENDPOINT_FAILED, false, false};
    case SIO_HTTP_TOO_LARGE: /* of an error page, the status says enough */
        s = status_of_answer(answer->status, is_connect, is_sent_once);
        if (s.result == SIO_EVENT_REQUEST_DONE && !s.is_refusal)
            return (sio_answer_status){SIO_EVENT_REQUEST_FAILED, SIO_ENDPOINT_WORKS, false, true};
        return s;
    default:
        return status_of_answer(answer->status, is_connect, is_sent_once);
    }
}
