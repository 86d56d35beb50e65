#include "server/handler/client_files.h"

#include <time.h>

#include "server/assets/client09_files.h"
#include "server/assets/client4_files.h"
#include "server/base/env.h"
#include "server/handler/handlers.h"
#include "server/http/response.h"

void
sio_client_files_serve(sio_exchange *x, const sio_request *r, sio_view path)
{
    const sio_client_request request = {
        .path = path,
        .accept_encoding = sio_http_header_value(r->head, "accept-encoding"),
        .if_none_match = sio_http_header_value(r->head, "if-none-match"),
        .now = time(NULL),
    };
    sio_client_answer answer;
    sio_buf           headers;
    sio_buf          *head;

    sio_buf_init(&headers, SIZE_MAX);
    if (sio_client4_files_match(x->env->cfg, path))
        sio_client4_files_answer(x->env->handlers->client4_files, &request, &headers, &answer);
    else
        sio_client09_files_answer(x->env->handlers->client09_files, &request, &headers, &answer);
    head = sio_response_begin(x, answer.status);
    sio_buf_add_view(head, sio_buf_view(&headers));
    head->failed |= headers.failed;
    sio_buf_fini(&headers);
    if (!answer.dated)
        sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end_parts(x, answer.lead, answer.body);
}
