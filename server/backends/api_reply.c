#include "server/backends/api_reply.h"

#include "server/backends/api_error.h"
#include "server/base/env.h"
#include "server/http/response.h"

static void
send_json(sio_exchange *x, unsigned status, sio_view json, const char *header, sio_view value)
{
    sio_buf *head = sio_response_begin(x, status);

    if (status >= 400)
        x->env->stats.api_refusals++;
    sio_response_header(head, "Content-Type", SIO_VIEW("application/json"));
    sio_response_header(head, "Cache-Control", SIO_VIEW("no-store"));
    if (header != NULL)
        sio_response_header(head, header, value);
    sio_response_content_length(head, json.len + 1);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end_parts(x, json, SIO_VIEW("\n"));
}

void
sio_api_reply(sio_exchange *x, unsigned status, const sio_buf *json, const char *header,
              sio_view value)
{
    if (json->failed)
        sio_api_reply_refuse(x, "out_of_memory", "there is no memory; try again later");
    else
        send_json(x, status, sio_buf_view(json), header, value);
}

void
sio_api_reply_text(sio_exchange *x, sio_view json)
{
    send_json(x, 200, json, NULL, SIO_VIEW(""));
}

void
sio_api_reply_refuse_with(sio_exchange *x, const char *code, const char *why, const char *header,
                          sio_view value)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_api_error_add(&json, code, "", "", why);
    send_json(x, sio_api_error_status(code), json.failed ? SIO_VIEW("{}") : sio_buf_view(&json),
              header, value);
    sio_buf_fini(&json);
}

void
sio_api_reply_refuse(sio_exchange *x, const char *code, const char *why)
{
    sio_api_reply_refuse_with(x, code, why, NULL, SIO_VIEW(""));
}
