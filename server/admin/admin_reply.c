#include "server/admin/admin_reply.h"

#include "server/base/env.h"
#include "server/http/response.h"

void
sio_admin_reply_with(sio_exchange *x, unsigned status, const char *content_type,
                     const sio_buf *body, const char *header, sio_view value)
{
    sio_buf *head;

    if (body->failed) {
        sio_admin_reply_refuse(x, 503, "out of memory");
        return;
    }
    head = sio_response_begin(x, status);
    sio_response_header(head, "Content-Type", sio_view_of(content_type));
    sio_response_header(head, "Cache-Control", SIO_VIEW("no-store"));
    if (header != NULL)
        sio_response_header(head, header, value);
    sio_response_content_length(head, body->len);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, sio_buf_view(body));
}

void
sio_admin_reply(sio_exchange *x, unsigned status, const char *content_type, const sio_buf *body)
{
    sio_admin_reply_with(x, status, content_type, body, NULL, SIO_VIEW(""));
}

void
sio_admin_reply_refuse_with(sio_exchange *x, unsigned status, const char *text, const char *header,
                            sio_view value)
{
    sio_buf *head = sio_response_begin(x, status);
    sio_buf  body;

    x->env->stats.admin_refusals++;
    sio_buf_init(&body, SIZE_MAX);
    sio_buf_add_str(&body, "{\"error\":");
    sio_buf_add_json_string(&body, sio_view_of(text), SIO_JSON_PLAIN);
    sio_buf_add_str(&body, "}\n");
    sio_response_header(head, "Content-Type", SIO_VIEW("application/json"));
    if (header != NULL)
        sio_response_header(head, header, value);
    sio_response_content_length(head, body.len);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    head->failed = head->failed || body.failed;
    sio_response_end(x, sio_buf_view(&body));
    sio_buf_fini(&body);
}

void
sio_admin_reply_refuse(sio_exchange *x, unsigned status, const char *text)
{
    sio_admin_reply_refuse_with(x, status, text, NULL, SIO_VIEW(""));
}
