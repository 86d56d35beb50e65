#include "server/backends/answer_status.h"

#include "tests/unit/check.h"

enum { DONE = SIO_EVENT_REQUEST_DONE, FAILED = SIO_EVENT_REQUEST_FAILED };
enum { AGAIN = SIO_EVENT_REQUEST_AGAIN };
enum { WORKS = SIO_ENDPOINT_WORKS, BROKEN = SIO_ENDPOINT_FAILED, LEFT = SIO_ENDPOINT_LEFT };

static const struct {
    const char      *name;
    sio_http_outcome outcome;
    unsigned         status;
    int              of_connect, of_event, sent_once; /* results */
    int              report;
    bool             is_refusal, is_bad;
} rows[] = {
    {"200", SIO_HTTP_ANSWERED, 200, DONE, DONE, DONE, WORKS, false, false},
    {"204", SIO_HTTP_ANSWERED, 204, DONE, DONE, DONE, WORKS, false, false},
    {"299", SIO_HTTP_ANSWERED, 299, DONE, DONE, DONE, WORKS, false, false},
    {"302", SIO_HTTP_ANSWERED, 302, FAILED, FAILED, FAILED, WORKS, false, false},
    {"400", SIO_HTTP_ANSWERED, 400, FAILED, FAILED, FAILED, WORKS, false, false},
    {"401", SIO_HTTP_ANSWERED, 401, DONE, FAILED, FAILED, WORKS, true, false},
    {"403", SIO_HTTP_ANSWERED, 403, DONE, FAILED, FAILED, WORKS, true, false},
    {"404", SIO_HTTP_ANSWERED, 404, FAILED, FAILED, FAILED, WORKS, false, false},
    {"408", SIO_HTTP_ANSWERED, 408, AGAIN, AGAIN, FAILED, WORKS, false, false},
    {"410", SIO_HTTP_ANSWERED, 410, FAILED, FAILED, FAILED, LEFT, false, false},
    {"425", SIO_HTTP_ANSWERED, 425, AGAIN, AGAIN, FAILED, WORKS, false, false},
    {"429", SIO_HTTP_ANSWERED, 429, AGAIN, AGAIN, FAILED, WORKS, false, false},
    {"500", SIO_HTTP_ANSWERED, 500, AGAIN, AGAIN, FAILED, BROKEN, false, false},
    {"501", SIO_HTTP_ANSWERED, 501, FAILED, FAILED, FAILED, BROKEN, false, false},
    {"502", SIO_HTTP_ANSWERED, 502, AGAIN, AGAIN, FAILED, BROKEN, false, false},
    {"503", SIO_HTTP_ANSWERED, 503, AGAIN, AGAIN, FAILED, BROKEN, false, false},
    {"504", SIO_HTTP_ANSWERED, 504, AGAIN, AGAIN, FAILED, BROKEN, false, false},
    {"599", SIO_HTTP_ANSWERED, 599, FAILED, FAILED, FAILED, BROKEN, false, false},
    {"nobody there", SIO_HTTP_UNSENT, 0, AGAIN, AGAIN, AGAIN, BROKEN, false, false},
    {"no answer", SIO_HTTP_LOST, 0, AGAIN, AGAIN, FAILED, BROKEN, false, false},
    {"200, too large", SIO_HTTP_TOO_LARGE, 200, FAILED, FAILED, FAILED, WORKS, false, true},
    {"403, too large", SIO_HTTP_TOO_LARGE, 403, DONE, FAILED, FAILED, WORKS, true, false},
    {"503, too large", SIO_HTTP_TOO_LARGE, 503, AGAIN, AGAIN, FAILED, BROKEN, false, false},
};

static void
test_each_status(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sio_http_answer   a = {.outcome = rows[i].outcome, .status = rows[i].status};
        const sio_answer_status connect = sio_answer_status_of(&a, true, false);
        const sio_answer_status event = sio_answer_status_of(&a, false, false);

        check_row = rows[i].name;
        CHECK_INT(connect.result, rows[i].of_connect);
        CHECK_INT(connect.report, rows[i].report);
        CHECK_INT(connect.is_refusal, rows[i].is_refusal);
        CHECK_INT(connect.is_bad, rows[i].is_bad);
        CHECK_INT(event.result, rows[i].of_event);
        CHECK_INT(event.report, rows[i].report);
        CHECK(!event.is_refusal);
        CHECK_INT(event.is_bad, rows[i].is_bad);
        CHECK_INT(sio_answer_status_of(&a, false, true).result, rows[i].sent_once);
    }
}

int
main(void)
{
    RUN(test_each_status);
    return check_done();
}
