#include "server/eio_answer.h"

#include "server/answer.h"

void
sio_eio_answer_cors(sio_buf *head, sio_view origin)
{
    if (origin.len == 0)
        return;
    sio_answer_cors(head, origin);
    sio_answer_header(head, "Vary", SIO_VIEW("Origin"));
}

static void
answer(sio_exchange *x, unsigned status, const char *type, sio_view origin, sio_view body)
{
    sio_buf *head = sio_answer_begin(x, status);

    if (type != NULL)
        sio_answer_header(head, "Content-Type", sio_view_of(type));
    sio_answer_content_length(head, body.len);
    sio_eio_answer_cors(head, origin);
    sio_answer_date(x, head);
    sio_answer_connection(x, head);
    sio_answer_end(x, body);
}

void
sio_eio_refuse(sio_exchange *x, sio_view origin, sio_eio_verdict verdict)
{
    static const struct {
        unsigned    status;
        const char *message;
        const char *json;
    } refusals[] = {
#define REFUSAL(code, status, message) \
    {status, message, "{\"code\":" #code ",\"message\":\"" message "\"}"}
        REFUSAL(0, 400, "Transport unknown"),
        REFUSAL(1, 400, "Session ID unknown"),
        REFUSAL(2, 400, "Bad handshake method"),
        REFUSAL(3, 400, "Bad request"),
        REFUSAL(4, 403, "Forbidden"),
        REFUSAL(5, 400, "Unsupported protocol version"),
#undef REFUSAL
    };
    const unsigned status = refusals[verdict].status;

    sio_answer_count_refusal(x, status, refusals[verdict].message);
    answer(x, status, "application/json", origin, sio_view_of(refusals[verdict].json));
}

void
sio_eio_refuse_plainly(sio_exchange *x, sio_view origin, unsigned status, const char *why)
{
    sio_answer_count_refusal(x, status, why);
    answer(x, status, NULL, origin, SIO_VIEW(""));
}

/* text/html, as old browsers post from a form in a frame and would offer to save anything else. */
void
sio_eio_answer_post(sio_exchange *x, sio_view origin)
{
    answer(x, 200, "text/html", origin, SIO_VIEW("ok"));
}

/* Content-Length, though 204 needs none: Safari waits for it. */
void
sio_eio_answer_preflight(sio_exchange *x, const sio_request *r, sio_view origin)
{
    sio_buf *head = sio_answer_begin(x, 204);
    sio_view wanted;

    sio_eio_answer_cors(head, origin);
    if (origin.len > 0) {
        sio_answer_header(head, "Access-Control-Allow-Methods", SIO_VIEW("GET,POST"));
        if (sio_http_header_get(r->head, "access-control-request-headers", &wanted)) {
            sio_answer_header(head, "Vary", SIO_VIEW("Access-Control-Request-Headers"));
            sio_answer_header(head, "Access-Control-Allow-Headers", wanted);
        }
    }
    sio_answer_content_length(head, 0);
    sio_answer_date(x, head);
    sio_answer_connection(x, head);
    sio_answer_end(x, SIO_VIEW(""));
}
