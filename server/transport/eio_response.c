#include "server/transport/eio_response.h"

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/http/response.h"

/* `NAME: a,b`, unless there are none. */
static void
add_list(sio_buf *head, const char *name, const sio_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        sio_buf_add_str(head, i == 0 ? name : ",");
        sio_buf_add_str(head, i == 0 ? ": " : "");
        sio_buf_add_view(head, texts->items[i]);
    }
    sio_buf_add_str(head, texts->n > 0 ? "\r\n" : "");
}

/* Without "cors origin" all is as in 0.9. */
void
sio_eio_response_cors(const sio_cfg *cfg, sio_buf *head, sio_view origin)
{
    if (cfg->cors_origin.n == 0) {
        sio_response_cors(head, origin);
        return;
    }
    if (origin.len > 0)
        sio_response_header(head, "Access-Control-Allow-Origin", origin);
    if (cfg->cors_credentials)
        sio_response_header(head, "Access-Control-Allow-Credentials", SIO_VIEW("true"));
    add_list(head, "Access-Control-Expose-Headers", &cfg->cors_exposed_headers);
    if (!sio_view_eq(origin, SIO_VIEW("*")))
        sio_response_header(head, "Vary", SIO_VIEW("Origin"));
}

static void
eio_response_answer(sio_exchange *x, unsigned status, const char *type, sio_view origin,
                    sio_view body)
{
    sio_buf *head = sio_response_begin(x, status);

    if (type != NULL)
        sio_response_header(head, "Content-Type", sio_view_of(type));
    sio_response_content_length(head, body.len);
    sio_eio_response_cors(x->env->cfg, head, origin);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, body);
}

void
sio_eio_response_refuse(sio_exchange *x, sio_view origin, sio_eio_verdict verdict)
{
    static const struct {
        unsigned    status;
        const char *why;
        const char *json; /* NULL: no body */
    } refusals[SIO_EIO_N_VERDICTS] = {
#define REFUSAL(code, status, message) \
    {status, message, "{\"code\":" #code ",\"message\":\"" message "\"}"}
        [SIO_EIO_UNKNOWN_TRANSPORT] = REFUSAL(0, 400, "Transport unknown"),
        [SIO_EIO_UNKNOWN_SID] = REFUSAL(1, 400, "Session ID unknown"),
        [SIO_EIO_BAD_METHOD] = REFUSAL(2, 400, "Bad handshake method"),
        [SIO_EIO_BAD_REQUEST] = REFUSAL(3, 400, "Bad request"),
        [SIO_EIO_FORBIDDEN] = REFUSAL(4, 403, "Forbidden"),
        [SIO_EIO_UNSUPPORTED] = REFUSAL(5, 400, "Unsupported protocol version"),
#undef REFUSAL
        [SIO_EIO_SECOND_POLL] = {400, "A poll waits already.", NULL},
        [SIO_EIO_SECOND_POST] = {400, "Another POST is on its way.", NULL},
        [SIO_EIO_NO_BYTES] = {400, "No bytes in this revision.", NULL},
        [SIO_EIO_NO_METHOD] = {405, "Only GET and POST.", NULL},
        [SIO_EIO_TOO_LARGE] = {413, "Body too large.", NULL},
        [SIO_EIO_SECOND_WEBSOCKET] = {400, "A websocket is there already.", NULL},
    };
    const char    *json = refusals[verdict].json;
    const unsigned status = refusals[verdict].status;

    sio_response_count_refusal(x, status, refusals[verdict].why);
    eio_response_answer(x, status, json != NULL ? "application/json" : NULL, origin,
                        sio_view_of(json));
}

/* text/html, as old browsers post from a form in a frame and would offer to save anything else. */
void
sio_eio_response_post(sio_exchange *x, sio_view origin)
{
    eio_response_answer(x, 200, "text/html", origin, SIO_VIEW("ok"));
}

static void
add_allowed_headers(const sio_cfg *cfg, sio_buf *head, const sio_http_request *request)
{
    sio_view wanted;

    if (cfg->cors_allowed_headers.n > 0) {
        add_list(head, "Access-Control-Allow-Headers", &cfg->cors_allowed_headers);
        return;
    }
    sio_response_header(head, "Vary", SIO_VIEW("Access-Control-Request-Headers"));
    if (sio_http_header_get(request, "access-control-request-headers", &wanted))
        sio_response_header(head, "Access-Control-Allow-Headers", wanted);
}

/* Content-Length, though 204 needs none: Safari waits for it. */
void
sio_eio_response_preflight(sio_exchange *x, const sio_request *r, sio_view origin)
{
    const sio_cfg *cfg = x->env->cfg;
    sio_buf       *head = sio_response_begin(x, 204);

    sio_eio_response_cors(cfg, head, origin);
    if (origin.len > 0 || cfg->cors_origin.n > 0) {
        add_list(head, "Access-Control-Allow-Methods", &cfg->cors_methods);
        add_allowed_headers(cfg, head, r->head);
    }
    if (cfg->cors_max_age_s > 0 && cfg->cors_origin.n > 0) {
        sio_buf_add_str(head, "Access-Control-Max-Age: ");
        sio_buf_add_u64(head, cfg->cors_max_age_s);
        sio_buf_add_str(head, "\r\n");
    }
    sio_response_content_length(head, 0);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, SIO_VIEW(""));
}
