#include "server/engine/engine_judge.h"

#include "server/engine/heartbeat.h"

sio_session *
sio_engine_judge_find(sio_env *env, sio_view sid)
{
    sio_session *session = sio_session_find(env, sid);

    if (session != NULL && sio_session_is_engine_io(session) && !session->ended)
        sio_heartbeat_catch_up(session);
    return sio_session_find(env, sid);
}

static sio_eio_verdict
judge_poll(const sio_session *s)
{
    return s->mailbox.channel != NULL ? SIO_EIO_SECOND_POLL : SIO_EIO_ACCEPTED;
}

/* Its own body is here: one that is on its way is another's. */
static sio_eio_verdict
judge_post(const sio_engine_request *r, const sio_session *s)
{
    if (s->engine.posting != NULL)
        return SIO_EIO_SECOND_POST;
    return r->is_bytes && r->revision == SIO_EIO4 ? SIO_EIO_NO_BYTES : SIO_EIO_ACCEPTED;
}

static sio_eio_verdict
judge_upgrade(const sio_session *s)
{
    return s->is_on_websocket || s->mailbox.probe != NULL ? SIO_EIO_SECOND_WEBSOCKET
                                                          : SIO_EIO_ACCEPTED;
}

/* A session that has ended is there for polls only: it has something to tell them. */
sio_eio_verdict
sio_engine_judge(const sio_engine_request *r, sio_session *s)
{
    sio_eio_verdict verdict;

    if (s == NULL || !sio_session_is_engine_io(s) || (s->ended && r->kind == SIO_ENGINE_UPGRADE))
        return SIO_EIO_UNKNOWN_SID;
    if (r->verdict != SIO_EIO_ACCEPTED)
        return r->verdict;
    if (s->engine.revision != r->revision)
        return SIO_EIO_BAD_REQUEST;
    if (r->kind == SIO_ENGINE_UPGRADE)
        return judge_upgrade(s);
    if (s->is_on_websocket != r->is_websocket)
        return SIO_EIO_BAD_REQUEST;
    verdict = r->kind == SIO_ENGINE_POLL ? judge_poll(s) : judge_post(r, s);
    if (verdict != SIO_EIO_ACCEPTED)
        sio_session_end(s, "transport error", false);
    return verdict;
}
