#include "server/engine/session_kind.h"

#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/engine/terms.h"

static void
attached_09(sio_session *s)
{
    sio_charge_use(&s->charge);
}

static void
upgrading_09(sio_session *s, bool begins)
{
    (void)s;
    (void)begins;
}

static void
goodbye_09(sio_session *s)
{
    sio_session_queue_last(s, SIO_VIEW("0::"));
}

/*
 * A poll that is answered, or a page that ends, tells a client of 0.9 nothing: "client not
 * handshaken, reconnect" does. Between two polls there is no need: the next one is told the same.
 */
static void
send_away_09(sio_session *s)
{
    if (!s->is_on_websocket && s->mailbox.channel != NULL)
        sio_session_queue_last(s, SIO_VIEW("7:::1+0"));
}

static bool
put_off_goodbye_09(sio_session *s)
{
    (void)s;
    return false;
}

static void
ended_09(sio_session *s)
{
    (void)s;
}

static unsigned
patience_09_ms(const sio_session *s)
{
    return s->terms->close_timeout_ms;
}

static const char *
reason_09(const char *reason)
{
    return reason;
}

const sio_session_kind sio_session_kind_09 = {
    .attached = attached_09,
    .upgrading = upgrading_09,
    .goodbye = goodbye_09,
    .send_away = send_away_09,
    .put_off_goodbye = put_off_goodbye_09,
    .ended = ended_09,
    .patience_ms = patience_09_ms,
    .reason = reason_09,
};
