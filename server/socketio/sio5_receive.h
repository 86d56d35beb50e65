/*
 * server/socketio/sio5_receive.h - what clients of socket.io 1.x to 4.x say, and what has to be
 * known of one to understand it.
 *
 * The messages of Engine.IO carry Socket.IO protocol 5 (revision 4 of the engine), or 4 or 3
 * (revision 3). Answers are made in dialect_sio5.c. Rules: spec/socketio-modern.md section 2.
 */
#ifndef SIO_SOCKETIO_SIO5_RECEIVE_H
#define SIO_SOCKETIO_SIO5_RECEIVE_H

#include <stdbool.h>

#include "protocol/eio_packet.h"
#include "protocol/list.h"
#include "protocol/sio5_decoder.h"
#include "protocol/sio5_packet.h"
#include "server/base/timer_wheel.h"
#include "server/socketio/client.h"

typedef struct sio_namespace sio_namespace;

typedef struct {
    sio_client   client;
    sio5_rules   rules;
    sio5_decoder decoder;
    sio_timer    timer; /* "connectTimeout": for the first namespace, and for attachments */
    sio_link     held;  /* packets for namespaces that the application has to decide about */
    size_t       n_held_bytes;
    size_t       n_charged; /* of these, and of attachments that are awaited */
    uint64_t     asked_for; /* namespaces, a bit for each */
    bool         is_releasing;
    bool         release_again;
    bool         has_joined; /* some namespace, once */
    bool         is_refused; /* protocol 4: by the default namespace, and so by all */
} sio5_client;

/* As of sio_dialect; "init" is told the revision. */
int  sio5_client_init(sio_session *s, sio_view handshake, sio5_revision revision);
void sio5_client_opened(sio_session *s);
void sio5_client_ended(sio_session *s, const char *reason);
void sio5_client_release(sio_session *s);

/* A message of the client, type SIO_EIO_MESSAGE. The session may end in this call. */
void sio5_receive(sio_session *s, const sio_eio_packet *message);

/* As of sio_packet_dialect: what waited for it goes on. */
void sio5_receive_settled(sio_session *s, const sio_namespace *nsp);

#endif
