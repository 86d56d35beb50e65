#include "server/socketio/packet.h"

#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/socketio/dialects.h"

void
sio_packet_send(sio_session *s, const sio_packet *p, bool is_volatile)
{
    sio_buf   *scratch = &s->env->packet;
    sio_frame *frame;

    sio_buf_clear(scratch);
    frame = sio_packet_dialect_of(s)->encode(p, scratch);
    if (p->no_compress && frame != NULL)
        sio_frame_keep_plain(frame);
    sio_session_send_new(s, frame, is_volatile);
}
