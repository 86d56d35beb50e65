#include "server/http/response.h"

#include <stdio.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/http/http.h"
#include "server/http/status.h"

sio_buf *
sio_response_begin_as(sio_exchange *x, unsigned status, const char *reason)
{
    sio_buf *head = &x->env->http->answer;

    sio_response_count(x, status);
    sio_buf_clear(head);
    sio_buf_add_str(head, "HTTP/1.1 ");
    sio_buf_add_u64(head, status);
    sio_buf_add_char(head, ' ');
    sio_buf_add_str(head, reason);
    sio_buf_add_str(head, "\r\n");
    if (status == 503 || status == 429) /* whatever the cause, it may have gone by then */
        sio_response_header(head, "Retry-After", SIO_VIEW("1"));
    return head;
}

sio_buf *
sio_response_begin(sio_exchange *x, unsigned status)
{
    return sio_response_begin_as(x, status, sio_status_text(status));
}

void
sio_response_count(const sio_exchange *x, unsigned status)
{
    if (x->side == NULL && status >= 100 && status < 600)
        x->env->measures.requests[status / 100 - 1]++;
}

void
sio_response_header(sio_buf *head, const char *name, sio_view value)
{
    sio_buf_add_str(head, name);
    sio_buf_add_str(head, ": ");
    sio_buf_add_view(head, value);
    sio_buf_add_str(head, "\r\n");
}

void
sio_response_cors(sio_buf *head, sio_view origin)
{
    if (origin.len == 0)
        return;
    sio_response_header(head, "Access-Control-Allow-Origin", origin);
    sio_response_header(head, "Access-Control-Allow-Credentials", SIO_VIEW("true"));
    sio_response_header(head, "Vary", SIO_VIEW("Origin"));
}

void
sio_response_content_length(sio_buf *head, size_t n_bytes)
{
    sio_buf_add_str(head, "Content-Length: ");
    sio_buf_add_u64(head, n_bytes);
    sio_buf_add_str(head, "\r\n");
}

void
sio_response_date(sio_exchange *x, sio_buf *head)
{
    sio_response_header(head, "Date", sio_view_of(sio_env_date(x->env)));
}

void
sio_response_common(sio_exchange *x, sio_buf *head)
{
    sio_response_date(x, head);
    sio_response_header(head, "X-Content-Type-Options", SIO_VIEW("nosniff"));
}

void
sio_response_connection(sio_exchange *x, sio_buf *head)
{
    sio_response_header(head, "Connection",
                        x->keep_alive ? SIO_VIEW("keep-alive") : SIO_VIEW("close"));
}

void
sio_response_end(sio_exchange *x, sio_view body)
{
    sio_response_end_parts(x, SIO_VIEW(""), body);
}

static void
send_whole(sio_exchange *x, const sio_buf *answer)
{
    if (answer->failed) /* out of memory: an answer cut short would be worse than none */
        x->keep_alive = false;
    else
        sio_conn_write(x->conn, sio_buf_view(answer));
    x->done(x);
}

void
sio_response_end_parts(sio_exchange *x, sio_view lead, sio_view body)
{
    sio_buf *answer = &x->env->http->answer;

    sio_buf_add_str(answer, "\r\n");
    if (!x->head_only) {
        sio_buf_add_view(answer, lead);
        sio_buf_add_view(answer, body);
    }
    send_whole(x, answer);
}

static void
add_hex(sio_buf *out, size_t n)
{
    char digits[2 * sizeof n + 1];

    snprintf(digits, sizeof digits, "%zx", n);
    sio_buf_add_str(out, digits);
}

void
sio_response_add_chunk(sio_buf *out, sio_view bytes)
{
    add_hex(out, bytes.len);
    sio_buf_add_str(out, "\r\n");
    sio_buf_add_view(out, bytes);
    sio_buf_add_str(out, "\r\n");
}

static void
end_chunked(sio_exchange *x, sio_view body)
{
    sio_buf *answer = &x->env->http->answer;

    sio_response_header(answer, "Transfer-Encoding", SIO_VIEW("chunked"));
    sio_buf_add_str(answer, "\r\n");
    sio_response_add_chunk(answer, body);
    sio_buf_add_str(answer, SIO_ANSWER_LAST_CHUNK);
    send_whole(x, answer);
}

void
sio_response_as_node(sio_exchange *x, unsigned status, const char *content_type, sio_view origin,
                     sio_view body)
{
    sio_buf *head = sio_response_begin(x, status);

    sio_response_header(head, "Content-Type", sio_view_of(content_type));
    sio_response_cors(head, origin);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    if (!x->http_1_0 && !x->head_only) {
        end_chunked(x, body);
        return;
    }
    if (x->http_1_0)
        sio_response_content_length(head, body.len);
    sio_response_end(x, body);
}

void
sio_response_send(sio_exchange *x, unsigned status, const char *content_type, sio_view origin,
                  sio_view body)
{
    sio_buf *head = sio_response_begin(x, status);

    if (content_type != NULL)
        sio_response_header(head, "Content-Type", sio_view_of(content_type));
    sio_response_cors(head, origin);
    sio_response_content_length(head, body.len);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, body);
}

void
sio_response_count_refusal(sio_exchange *x, unsigned status, const char *why)
{
    sio_env *env = x->env;
    char     peer[SIO_ADDRESS_TEXT_MAX];

    env->stats.bad_requests++;
    sio_log_limit_write(
        &env->log_limits, SIO_LOG_REFUSED_REQUEST, NULL, "refused a request of %s: %u %s",
        sio_address_log_text(&x->conn->peer, env->cfg->log_addresses, peer), status, why);
}

void
sio_response_cors_of_refusal(const sio_exchange *x, sio_buf *head)
{
    if (x->origin == NULL)
        return;
    sio_response_cors(head, sio_view_of(x->origin));
}

void
sio_response_refuse(sio_exchange *x, unsigned status, const char *text)
{
    const sio_view body = sio_view_of(text);
    sio_buf       *head = sio_response_begin(x, status);

    sio_response_count_refusal(x, status, text);
    sio_response_header(head, "Content-Type", SIO_VIEW("text/plain"));
    sio_response_cors_of_refusal(x, head);
    sio_response_content_length(head, body.len);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, body);
}
