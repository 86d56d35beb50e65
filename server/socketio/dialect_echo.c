/*
 * server/socketio/dialect_echo.c - Engine.IO with nothing above it: every message comes back as it
 * came.
 *
 * For the official test suites of Engine.IO, at the path of the setting "engine echo".
 */
#include "protocol/base64.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/socketio/dialects.h"

static void
dialect_echo_opened(sio_session *s)
{
    (void)s; /* there is nothing to join */
}

static void
send_back(sio_session *s, const sio_eio_packet *p)
{
    sio_buf   *out = &s->env->packet;
    sio_frame *frame = NULL;

    sio_buf_clear(out);
    sio_eio_packet_encode(s->engine.revision, p, out);
    if (!out->failed)
        frame = sio_frame_new(sio_buf_view(out), p->form == SIO_EIO_BINARY);
    sio_session_send_new(s, frame, false);
}

/* Frames hold bytes; a client without binary gets them in base64 from its transport. */
static void
echo(sio_session *s, const sio_eio_packet *p)
{
    sio_eio_packet binary = {.type = SIO_EIO_MESSAGE, .form = SIO_EIO_BINARY};
    sio_buf        bytes;

    if (p->form != SIO_EIO_BASE64) {
        send_back(s, p);
        return;
    }
    sio_buf_init(&bytes, SIZE_MAX);
    sio_base64_decode(p->data, &bytes);
    binary.data = sio_buf_view(&bytes);
    if (!bytes.failed)
        send_back(s, &binary);
    else
        sio_session_end(s, "out of memory", false);
    sio_buf_fini(&bytes);
}

const sio_dialect sio_dialect_echo3 = {
    .name = "echo",
    .speaks = SIO_SPEAKS_EIO3,
    .kind = &sio_engine_io_kind,
    .heartbeat = &sio_heartbeat_eio3,
    .session_size = sizeof(sio_session),
    .opened = dialect_echo_opened,
    .receive = sio_engine_io_receive_message,
    .message = echo,
};

const sio_dialect sio_dialect_echo4 = {
    .name = "echo",
    .speaks = SIO_SPEAKS_EIO4,
    .kind = &sio_engine_io_kind,
    .heartbeat = &sio_heartbeat_eio4,
    .session_size = sizeof(sio_session),
    .opened = dialect_echo_opened,
    .receive = sio_engine_io_receive_message,
    .message = echo,
};
