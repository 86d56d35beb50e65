/*
 * server/engine/engine_judge.h - may a request for a session of Engine.IO have what it asks for?
 *
 * The instance that has the session judges them all: those that came here
 * (handler/engine_request.c), and those that came to another instance (roaming/owner_engine.c).
 * Rules: spec/socketio-modern.md sections 1.2 and 1.7.
 */
#ifndef SIO_ENGINE_ENGINE_JUDGE_H
#define SIO_ENGINE_ENGINE_JUDGE_H

#include <stdbool.h>

#include "protocol/eio_packet.h"
#include "protocol/eio_verdict.h"
#include "server/engine/session.h"

typedef enum {
    SIO_ENGINE_POLL,
    SIO_ENGINE_POST,
    SIO_ENGINE_UPGRADE,
    SIO_ENGINE_OTHER
} sio_engine_request_kind;

/* What has to be known of a request to judge it. */
typedef struct {
    sio_engine_request_kind kind;
    sio_eio_verdict         verdict; /* what is wrong with it whatever session it is for */
    sio_eio_revision        revision;
    bool                    is_websocket; /* it names that transport, or else polling */
    bool                    is_bytes;     /* the body of a POST is not text */
} sio_engine_request;

/* The session with that id, if it is here and its time is not over, or NULL. */
sio_session *sio_engine_judge_find(sio_env *env, sio_view sid);

/*
 * May it? s may be NULL. A client that does two things at a time which it may not is not sane, and
 * its session ends in this call.
 */
sio_eio_verdict sio_engine_judge(const sio_engine_request *r, sio_session *s);

#endif
