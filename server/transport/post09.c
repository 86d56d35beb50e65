#include "server/transport/post09.h"

#include "protocol/sio09_payload.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/http/response.h"

int
sio_post09_payload(sio_env *env, sio_view body, sio_post_take take, void *arg)
{
    sio09_payload_iter it;
    sio_view           packet;
    unsigned           n_left = env->cfg->max_payload_packets;

    sio09_payload_begin(&it, body);
    while (sio09_payload_next(&it, &packet)) {
        if (n_left-- == 0) {
            env->stats.bad_packets++;
            break;
        }
        if (packet.len > 0 && !take(arg, packet)) /* an empty body is legal and means nothing */
            break;
    }
    return SIO_OK;
}

static bool
post09_receive(void *arg, sio_view packet)
{
    sio_session *session = arg;

    sio_session_receive(session, packet, false);
    return !session->ended;
}

void
sio_post09_receive(const sio_transport *transport, sio_session *session, sio_view body)
{
    if (session->ended)
        return;
    if (transport->post == NULL)
        sio_session_receive(session, body, false);
    else if (transport->post(session->env, body, post09_receive, session) != SIO_OK)
        sio_mailbox_fail(&session->mailbox, "out of memory");
}

void
sio_post09_answer(sio_exchange *x, sio_view origin)
{
    sio_buf *head = sio_response_begin(x, 200);

    sio_response_content_length(head, 1);
    sio_response_header(head, "Content-Type", SIO_VIEW("text/plain; charset=UTF-8"));
    sio_response_cors(head, origin);
    if (origin.len > 0)
        sio_response_header(head, "X-XSS-Protection", SIO_VIEW("0"));
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, SIO_VIEW("1"));
}
