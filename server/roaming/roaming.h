/*
 * server/roaming/roaming.h - sessions and their clients at different instances.
 */
#ifndef SIO_ROAMING_ROAMING_H
#define SIO_ROAMING_ROAMING_H

#include "protocol/list.h"
#include "server/base/timer_wheel.h"
#include "store/hash.h"

typedef struct sio_env sio_env;

typedef struct sio_roaming {
    sio_hash proxy_sessions; /* by number */
    sio_hash proxy_requests; /* by number */
    sio_hash owner_channels; /* by instance and number */
    sio_hash forwards;       /* of directory.c, by id */
    sio_hash questions;      /* of recovery_transfer.c, by number */
    sio_hash waiting;        /* of directory.c, by id: searches that wait for a word */
    sio_link endings;        /* of ending.c: sessions to be ended, that are being looked for */
    const struct sio_foreign *foreign;        /* NULL: there are only instances of our own */
    sio_timer                 stranded_timer; /* of stranded.c: an instance has gone */
    sio_env                  *env;
} sio_roaming;

/* The lists of a peer (peers.h) that are used here. */
enum {
    SIO_PEER_CHANNELS, /* owner_channel.c: it holds connections of sessions of this instance */
    SIO_PEER_REQUESTS, /* owner_request.c: it asks for sessions that are being looked for */
    SIO_PEER_SINKS,    /* sink.c: this instance holds connections of its sessions */
    SIO_PEER_RELAYS,   /* proxy_request.c: it has yet to answer them */
    SIO_PEER_FORWARDS, /* directory.c: it has opened sessions whose handshakes were made here */
    SIO_PEER_N_ROAMING
};

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_roaming_fini() is still allowed. */
int  sio_roaming_init(sio_env *env);
void sio_roaming_fini(sio_env *env);

/* There may be other instances: hear them, and tell them of sessions. */
void sio_roaming_join(sio_env *env);

#endif
