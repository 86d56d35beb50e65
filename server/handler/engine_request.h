/*
 * server/handler/engine_request.h - requests that come for a session of Engine.IO: polls, POSTs, upgrades.
 *
 * The instance that has the session judges them all. One that came to another instance reaches it
 * through proxy_session.c or proxy_request.c there and owner_engine.c here.
 * Rules: spec/socketio-modern.md sections 1.2 and 1.7.
 */
#ifndef SIO_HANDLER_ENGINE_REQUEST_H
#define SIO_HANDLER_ENGINE_REQUEST_H

#include "server/http/exchange.h"
#include "server/transport/transport.h"

typedef enum {
    SIO_VISIT_POLL,
    SIO_VISIT_POST,
    SIO_VISIT_UPGRADE,
    SIO_VISIT_OTHER
} sio_engine_request_kind;

/* What has to be known of a request to judge it. */
typedef struct {
    sio_engine_request_kind kind;
    sio_eio_verdict         verdict; /* what is wrong with it whatever session it is for */
    sio_eio_revision        revision;
    const sio_transport    *transport;
    bool                    is_bytes; /* the body of a POST is not text */
} sio_engine_request;

/*
 * Answer a request for the session sid, here or wherever it is. kind and verdict are those of v;
 * the rest is filled in. What o owns is freed.
 */
void sio_engine_request_serve(sio_exchange *x, const sio_request *r, sio_view sid, sio_opening *o,
                              sio_engine_request *v);

/* --- Here, for requests that came to any instance. --- */

/* The session with that id, if it is here and its time is not over, or NULL. */
sio_session *sio_engine_request_find(sio_env *env, sio_view sid);

/*
 * May it? s may be NULL. A client that does two things at a time which it may not is not sane, and
 * its session ends in this call.
 */
sio_eio_verdict sio_engine_request_judge(const sio_engine_request *v, sio_session *s);

/* Take the packets of a POST that was accepted; text is valid UTF-8. The session may end. */
void sio_engine_request_receive(sio_session *s, sio_view body);

#endif
