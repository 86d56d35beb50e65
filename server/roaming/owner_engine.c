#include "server/roaming/owner_engine.h"

#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/handler/engine_request.h"
#include "server/roaming/owner_channel.h"

/* A transport that is not known here is one that no session has. */
static sio_engine_request
visit_of(const sio_cluster_message *m, sio_engine_request_kind kind)
{
    sio_engine_request v = {
        .kind = kind,
        .verdict = sio_eio_response_verdict_of(m->verdict),
        .transport = sio_transport_find_engine(m->transport),
        .is_bytes = (m->flags & SIO_CM_BINARY) != 0,
    };

    if (m->revision == SIO_EIO3 || m->revision == SIO_EIO4)
        v.revision = (sio_eio_revision)m->revision;
    if (v.transport == NULL && v.verdict == SIO_EIO_ACCEPTED)
        v.verdict = SIO_EIO_BAD_REQUEST;
    return v;
}

static sio_session *
owner_engine_find_session(sio_env *env, const sio_cluster_message *m)
{
    sio_session *session = sio_engine_request_find(env, m->id);

    env->stats.unknown_sessions += session == NULL;
    return session;
}

static void
owner_engine_answer(sio_peer *peer, const sio_cluster_message *m, uint8_t kind,
                    sio_eio_verdict verdict)
{
    sio_owner_channel_answer_request(peer, kind, m->id, m->channel, verdict);
}

/* The sink gives up when there is no memory: its client connects anew. */
static void
hear_poll(sio_peer *peer, const sio_cluster_message *m)
{
    const sio_engine_request v = visit_of(m, SIO_VISIT_POLL);
    sio_session             *session = owner_engine_find_session(peer->env, m);
    const sio_eio_verdict    verdict = sio_engine_request_judge(&v, session);
    sio_owner_channel       *r = NULL;

    if (verdict == SIO_EIO_ACCEPTED)
        r = sio_owner_channel_new(peer, m->channel, v.transport, session);
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

    if (transport != NULL && transport->lasting)
        hear_upgraded(peer, m);
    else
        hear_poll(peer, m);
}

/* The session can not go on without what was in the POST. */
static void
hear_cut(sio_peer *peer, const sio_cluster_message *m)
{
    sio_session *session = sio_session_find(peer->env, m->id);

    if (session != NULL && session->engine != NULL && !session->ended)
        sio_session_end(session, "transport error", false);
}

/* Answered first, whatever the packets are. */
static void
hear_post(sio_peer *peer, const sio_cluster_message *m)
{
    sio_engine_request v = visit_of(m, SIO_VISIT_POST);
    sio_session       *session = owner_engine_find_session(peer->env, m);
    sio_eio_verdict    verdict;

    if (!v.is_bytes && !sio_utf8_valid(m->body)) { /* no instance sends that */
        peer->env->stats.bad_messages++;
        v.verdict = SIO_EIO_BAD_REQUEST;
    }
    verdict = sio_engine_request_judge(&v, session);
    owner_engine_answer(peer, m, SIO_CM_POSTED, verdict);
    if (verdict == SIO_EIO_ACCEPTED)
        sio_engine_request_receive(session, m->body);
}

static void
hear_probe(sio_peer *peer, const sio_cluster_message *m)
{
    const sio_engine_request v = visit_of(m, SIO_VISIT_UPGRADE);
    sio_session             *session = owner_engine_find_session(peer->env, m);
    const sio_eio_verdict    verdict = sio_engine_request_judge(&v, session);
    sio_owner_channel       *r = NULL;

    if (verdict == SIO_EIO_ACCEPTED)
        r = sio_owner_channel_new(peer, m->channel, v.transport, session);
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
    case SIO_CM_PROBE:
        hear_probe(peer, m);
        break;
    }
}
