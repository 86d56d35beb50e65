#include "server/post.h"

#include "protocol/sio09_payload.h"
#include "server/server.h"
#include "server/session.h"

void
sio_post_payload(sio_session *session, sio_view body)
{
    sio09_payload_iter it;
    sio_view           packet;
    unsigned           n_left = session->server->cfg.max_payload_packets;

    sio09_payload_begin(&it, body);
    while (!session->ended && sio09_payload_next(&it, &packet)) {
        if (n_left-- == 0) {
            session->server->stats.bad_packets++;
            return;
        }
        if (packet.len > 0) /* an empty body is legal and means nothing */
            sio_session_receive(session, packet);
    }
}
