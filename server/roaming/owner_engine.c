#include "server/roaming/owner_engine.h"

#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine_judge.h"
#include "server/roaming/owner_channel.h"
#include "server/roaming/owner_post.h"
#include "server/transport/transport.h"

/* A transport that is not known here is one that no session has. */
static sio_engine_request
request_of(const sio_cluster_message *m, sio_engine_request_kind kind,
           const sio_transport *transport)
{
    sio_engine_request r = {
        .kind = kind,
        .verdict = sio_eio_verdict_of(m->verdict),
        .is_websocket = transport != NULL && transport->channel->is_websocket,
        .is_bytes = (m->flags & SIO_CM_BINARY) != 0,
    };

    if (m->revision == SIO_EIO3 || m->revision == SIO_EIO4)
        r.revision = (sio_eio_revision)m->revision;
    if (transport == NULL && r.verdict == SIO_EIO_ACCEPTED)
        r.verdict = SIO_EIO_BAD_REQUEST;
    return r;
}

static sio_session *
owner_engine_find_session(sio_env *env, const sio_cluster_message *m)
{
    sio_session *session = sio_engine_judge_find(env, m->id);

    env->stats.unknown_sessions += session == NULL;
    return session;
}

static void
owner_engine_answer(sio_peer *peer, const sio_cluster_message *m, uint8_t kind,
                    sio_eio_verdict verdict)
{
    sio_owner_channel_answer_request(peer, kind, m->id, m->channel, verdict);
}

/*
 * The channel that a request asks for which may have it; NULL: it may not, or there is no memory.
 */
static sio_owner_channel *
channel_for(sio_peer *peer, const sio_cluster_message *m, sio_engine_request_kind kind,
            sio_eio_verdict *verdict)
{
    const sio_transport     *transport = sio_transport_find_engine(m->transport);
    const sio_engine_request r = request_of(m, kind, transport);
    sio_session             *session = owner_engine_find_session(peer->env, m);

    *verdict = sio_engine_judge(&r, session);
    if (*verdict != SIO_EIO_ACCEPTED)
        return NULL;
    return sio_owner_channel_new(peer, m->channel, transport->channel, session);
}

/* The sink gives up when there is no memory: its client connects anew. */
static void
hear_poll(sio_peer *peer, const sio_cluster_message *m)
{
    sio_eio_verdict    verdict;
    sio_owner_channel *r = channel_for(peer, m, SIO_ENGINE_POLL, &verdict);

    if (r != NULL)
        sio_owner_channel_attach(r);
    else
        owner_engine_answer(peer, m, SIO_CM_UNKNOWN, verdict);
}

/* The client has said that the websocket is to take over. */
static void
hear_upgraded(sio_peer *peer, const sio_cluster_message *m)
{
    sio_owner_channel *r = sio_owner_channel_find(peer, m->channel);

    if (r == NULL || !sio_owner_channel_succeed(r))
        owner_engine_answer(peer, m, SIO_CM_UNKNOWN, SIO_EIO_UNKNOWN_SID);
}

static void
owner_engine_hear_open(sio_peer *peer, const sio_cluster_message *m)
{
    const sio_transport *transport = sio_transport_find_engine(m->transport);

    if (transport != NULL && transport->channel->lasting)
        hear_upgraded(peer, m);
    else
        hear_poll(peer, m);
}

/* The session can not go on without what was in the POST. */
static void
hear_cut(sio_peer *peer, const sio_cluster_message *m)
{
    sio_session *session = sio_session_find(peer->env, m->id);

    if (session != NULL && sio_session_is_engine_io(session) && !session->ended)
        sio_session_end(session, "transport error", false);
}

/* Answered first, whatever the packets are. */
static void
hear_post(sio_peer *peer, const sio_cluster_message *m)
{
    sio_engine_request r = request_of(m, SIO_ENGINE_POST, sio_transport_find_engine(m->transport));
    sio_session       *session = owner_engine_find_session(peer->env, m);
    sio_eio_verdict    verdict;

    if (!r.is_bytes && !sio_utf8_valid(m->body)) { /* no instance sends that */
        peer->env->stats.bad_messages++;
        r.verdict = SIO_EIO_BAD_REQUEST;
    }
    verdict = sio_engine_judge(&r, session);
    if (verdict != SIO_EIO_ACCEPTED) {
        owner_engine_answer(peer, m, SIO_CM_POSTED, verdict);
        return;
    }
    sio_owner_post_answer(peer, session, m->channel);
    sio_engine_io_receive_payload(session, m->body);
}

/* A large body is on its way: only whoever has the session gets it, and judges it then. */
static void
hear_may_post(sio_peer *peer, const sio_cluster_message *m)
{
    sio_session    *session = owner_engine_find_session(peer->env, m);
    sio_eio_verdict verdict = SIO_EIO_ACCEPTED;

    if (session == NULL || !sio_session_is_engine_io(session))
        verdict = SIO_EIO_UNKNOWN_SID;
    else if (m->count > peer->env->cfg->max_payload)
        verdict = SIO_EIO_TOO_LARGE;
    owner_engine_answer(peer, m, verdict == SIO_EIO_ACCEPTED ? SIO_CM_READY : SIO_CM_UNKNOWN,
                        verdict);
}

static void
hear_probe(sio_peer *peer, const sio_cluster_message *m)
{
    sio_eio_verdict    verdict;
    sio_owner_channel *r = channel_for(peer, m, SIO_ENGINE_UPGRADE, &verdict);

    if (r != NULL)
        sio_owner_channel_probe(r);
    owner_engine_answer(peer, m, r != NULL ? SIO_CM_READY : SIO_CM_UNKNOWN, verdict);
}

void
sio_owner_engine_hear(sio_peer *peer, const sio_cluster_message *m)
{
    switch (m->kind) {
    case SIO_CM_OPEN:
        owner_engine_hear_open(peer, m);
        break;
    case SIO_CM_POST:
        if ((m->flags & SIO_CM_CUT) != 0)
            hear_cut(peer, m);
        else
            hear_post(peer, m);
        break;
    case SIO_CM_MAY_POST:
        hear_may_post(peer, m);
        break;
    case SIO_CM_PROBE:
        hear_probe(peer, m);
        break;
    }
}
