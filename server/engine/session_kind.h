/*
 * server/engine/session_kind.h - what differs between the sessions of 0.9 and those of Engine.IO.
 *
 * Those of 0.9 have no layer between their packets and their transports, and know nothing of
 * upgrades. Called by session.c; the kind of Engine.IO is in engine_io.h.
 */
#ifndef SIO_ENGINE_SESSION_KIND_H
#define SIO_ENGINE_SESSION_KIND_H

#include <stdbool.h>

typedef struct sio_session sio_session;

/* The session may end in the first two. */
typedef struct {
    /* A channel has come. */
    void (*attached)(sio_session *s);
    /* As `upgrading` of a mailbox owner. */
    void (*upgrading)(sio_session *s, bool begins);
    /* The session ends: queue what its client still has to be told. */
    void (*goodbye)(sio_session *s);
    /*
     * The session ends, and its client is to come back at once: queue what makes it do so. NULL:
     * the end of its channel does.
     */
    void (*send_away)(sio_session *s);
    /*
     * The session has ended, and a channel has come. True: it was answered with what waited, and
     * the goodbye is for the next one.
     */
    bool (*put_off_goodbye)(sio_session *s);
    /* The session has ended. */
    void (*ended)(sio_session *s);
    /*
     * How long a session without a channel is waited for; 0: for ever. One that has ended waits for
     * the poll that takes its goodbye.
     */
    unsigned (*patience_ms)(const sio_session *s);
    /* Why a channel was lost, in the words of this kind, given those of 0.9. */
    const char *(*reason)(const char *reason);
} sio_session_kind;

extern const sio_session_kind sio_session_kind_09;

#endif
