/*
 * tests/unit/server/modern_fixture.h - namespaces whose life is noted, and decisions that the test
 * makes.
 */
#ifndef SIO_TESTS_UNIT_MODERN_FIXTURE_H
#define SIO_TESTS_UNIT_MODERN_FIXTURE_H

#include "tests/unit/server/api_fixture.h"

static inline void
note_joined(sio_socket *socket, void *arg)
{
    (void)arg;
    note("joined:%s", sio_auth_json(socket));
}

static inline void
note_left(sio_socket *socket, const char *reason, void *arg)
{
    (void)arg;
    (void)socket;
    note("left:%s", reason);
}

static inline void
note_event(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *args = sio_event_args(event, &len);

    (void)arg;
    (void)socket;
    note("x:%.*s", (int)len, args);
}

/* A namespace whose life is noted. */
static inline sio_namespace *
noted_namespace(const char *name)
{
    sio_namespace *nsp = sio_of(io, name);

    sio_on_connection(nsp, note_joined, NULL);
    sio_on_disconnect(nsp, note_left, NULL);
    sio_on(nsp, "x", note_event, NULL);
    return nsp;
}

static sio_decision *pending;
static char          asked_handshake[2000], asked_auth[200], asked_id[100], asked_transport[20];

static inline void
decide_later(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)arg;
    pending = decision;
    snprintf(asked_handshake, sizeof asked_handshake, "%s", handshake_json);
    snprintf(asked_auth, sizeof asked_auth, "%s", sio_decision_auth(decision));
    snprintf(asked_id, sizeof asked_id, "%s", sio_decision_id(decision));
    snprintf(asked_transport, sizeof asked_transport, "%s", sio_decision_transport(decision));
}

static inline void
decide(sio_verdict verdict)
{
    sio_decision *decision;

    UNTIL(pending != NULL);
    decision = pending;
    pending = NULL; /* the next one may come in the call */
    sio_decide(decision, verdict);
}

#endif
