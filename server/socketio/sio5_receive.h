/*
 * server/socketio/sio5_receive.h - what clients of socket.io 1.x to 4.x say, and what has to be known of one to
 * understand it.
 *
 * The messages of Engine.IO carry Socket.IO protocol 5 (revision 4 of the engine), or 4 or 3
 * (revision 3). Answers are made in dialect_sio5.c. Rules: spec/socketio-modern.md section 2.
 */
#ifndef SIO_SOCKETIO_SIO5_RECEIVE_H
#define SIO_SOCKETIO_SIO5_RECEIVE_H

#include <stdbool.h>

#include "protocol/eio_packet.h"
#include "protocol/sio5_decoder.h"
#include "protocol/sio5_packet.h"
#include "server/base/list.h"
#include "server/base/timer_wheel.h"

typedef struct sio_session   sio_session;
typedef struct sio_namespace sio_namespace;

typedef struct {
    sio_session *session;
    sio5_rules   rules;
    sio5_decoder decoder;
    sio_timer    timer; /* "connectTimeout": for the first namespace, and for attachments */
    sio_link     held;  /* packets for namespaces that the application has to decide about */
    size_t       n_held_bytes;
    uint64_t     asked_for; /* namespaces, a bit for each */
    bool         is_releasing;
    bool         release_again;
    bool         has_joined; /* some namespace, once */
    bool         is_refused; /* protocol 4: by the default namespace, and so by all */
} sio5_inbox;

/* The session begins; it has joined nothing yet. Its engine knows the revision. */
void sio5_inbox_open(sio_session *s);

/* A message of the client, type SIO_EIO_MESSAGE. The session may end in this call. */
void sio5_receive(sio_session *s, const sio_eio_packet *message);

/* As of sio_dialect: what waited for it goes on. */
void sio5_receive_settled(sio_session *s, const sio_namespace *nsp);

/* The session is being freed. */
void sio5_inbox_close(sio_session *s);

#endif
