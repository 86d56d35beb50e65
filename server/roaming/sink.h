/*
 * server/roaming/sink.h - the connection of a client whose session another instance owns.
 *
 * It has the mailbox that the connection empties. The owner fills it (proxy_session.c), and is told
 * what was written and what the client says. It lasts as long as that one connection: a poll, or a
 * stream. Rules: spec/socketio-0.9.md section 8.6.
 */
#ifndef SIO_ROAMING_SINK_H
#define SIO_ROAMING_SINK_H

#include "server/cluster/module.h"
#include "server/engine/mailbox.h"
#include "server/engine/session.h"
#include "server/transport/transport.h"

typedef struct sio_sink {
    sio_mailbox          mailbox;
    sio_hash_node        node; /* in roaming->proxy_sessions, by number */
    sio_link             link; /* in peer->lists[SIO_PEER_SINKS] */
    sio_peer            *peer; /* the owner; until it was heard, the home; NULL: it is gone */
    const sio_transport *transport;
    sio_eio_revision     revision; /* Engine.IO */
    uint64_t             number;
    uint64_t             n_received; /* packets of the owner */
    uint64_t             n_told;     /* of these, it knows to be written */
    sio_timer            timer;      /* no channel came of it; or the owner does not speak */
    sio_task             release;
    sio_buf              held; /* a list of messages, until the owner has been heard */
    bool                 is_heard;
    bool                 closed;
    char                 id[SIO_SESSION_ID_MAX + 1];
} sio_sink;

/*
 * A sink for the session id, which the peer has or knows the place of; the number is that of its
 * messages. Who opens no channel for it in time sets the timer. NULL: no memory, or no such id.
 */
sio_sink *sio_sink_new(const sio_opening *o, sio_view id, uint64_t number, sio_peer *peer);

/* The one with that number, or NULL. */
sio_sink *sio_sink_find(const sio_env *env, uint64_t number);

/* Send m about it, unless the owner is gone. Fills in whom it is about. */
void sio_sink_tell_owner(const sio_sink *k, sio_cluster_message *m);

/* How many packets of the owner were written so far. */
uint64_t sio_sink_n_written(const sio_sink *k);

/* The owner has been found: what a client of 0.9 said before goes to it. */
void sio_sink_send_held(sio_sink *k);

/*
 * Its ends. All free it at the end of the turn, and may be called again until then.
 *
 * close_and_tell: the channel has gone, and the owner is told why (NULL: it need not know).
 */
void sio_sink_close_and_tell(sio_sink *k, const char *reason);
/* What has come is written, and the channel ends. */
void sio_sink_finish(sio_sink *k, bool is_tidy);
/* Engine.IO: the client gets this error. */
void sio_sink_refuse(sio_sink *k, sio_eio_verdict verdict);
/* The owner does not have the session, or is gone: its client is to connect anew. */
void sio_sink_disown(sio_sink *k);

#endif
