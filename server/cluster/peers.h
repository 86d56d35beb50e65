/*
 * server/cluster/peers.h - the other instances, and messages to one of them that are not lost.
 *
 * Redis forgets a published message when the receiver is away for a moment. So messages between two
 * instances are numbered: the sender keeps each until it was acknowledged, and sends them again
 * when either side had lost its connection. The receiver takes them in turn, each once. This holds
 * as long as both processes live. Called by cluster.c, failure.c, and by the modules that speak to
 * other instances (module.h).
 */
#ifndef SIO_CLUSTER_PEERS_H
#define SIO_CLUSTER_PEERS_H

#include "protocol/cluster_message.h"
#include "protocol/list.h"
#include "server/base/timer_wheel.h"
#include "store/hash.h"
#include "store/instances.h"

typedef struct sio_env sio_env;

enum {
    SIO_PEER_MAX_LISTS = 9,
    SIO_PEERS_WATCH_MS = 250 /* how often those are looked at for whom something waits */
};

typedef struct {
    sio_hash_node  node; /* in cluster.peers, by tag */
    sio_link       link; /* in cluster.peer_list */
    sio_env       *env;
    char           tag[SIO_STORE_TAG_LEN + 1];
    uint64_t       heard_ms; /* when it was heard last, or met */
    sio_store_req *claim;    /* while it is being declared lost */
    bool           broken;   /* no memory for a message to it: this instance begins anew */

    /* Is its process still there? watch.c */
    bool           seen;       /* Redis had a connection of it, since this instance is up */
    bool           away;       /* Redis has none any more, and it has not spoken since */
    unsigned       n_missed;   /* times in a row that Redis had none */
    uint64_t       missed_ms;  /* when the first of these was found */
    sio_timer      look_timer; /* to look again */
    sio_store_req *look;       /* while Redis is asked */

    /* With a secret: is it the peer that speaks, and now? proof.c */
    bool     is_proven;
    uint64_t nonce;        /* what it was asked with; 0: it was not */
    uint64_t hello_ms;     /* when it was */
    uint64_t heard_number; /* of its last message, once it is proven */

    /* Messages to it. */
    uint64_t made_seq; /* number of the last one */
    uint64_t sent_seq; /* of the last one that was given to Redis */
    sio_link unacked;  /* oldest first */
    size_t   n_unacked_bytes;

    /* Messages from it. */
    uint64_t  heard_seq; /* number of the last one in turn */
    uint64_t  told_seq;  /* what it has been told of that */
    uint64_t  asked_seq; /* from where it was asked to send again; UINT64_MAX: it was not */
    bool      unasked;   /* until the next beat: it is new, or Redis did not take the question */
    sio_timer ack_timer;
    uint64_t  heard_cast; /* number of its last broadcast that was heard */

    uint64_t n_partitions; /* that it knows, as it has said; 0: none, or it has not said */

    /* What ends with it. Each module has a list, by a number of its own (roaming.h, adapters.h). */
    sio_link lists[SIO_PEER_MAX_LISTS];
} sio_peer;

/*
 * May an instance be called so? Tags come from Redis, where anybody may have put them, and from
 * here on are texts: in names of channels and keys, in ids, in the log.
 */
bool sio_peer_is_tag(sio_view tag);

/* The instance with that tag, or NULL when it was not heard of, or is lost. */
sio_peer *sio_peer_find(sio_env *env, sio_view tag);

/* The same, and an instance that is new gets to be known. NULL: not a tag, lost, or no memory. */
sio_peer *sio_peer_meet(sio_env *env, sio_view tag);

/* It is gone, and everything that depended on it ends. Its tag never comes back. */
void sio_peer_bury(sio_peer *peer);

/* All of them; and those that have gone may be met again. */
void sio_peers_forget(sio_env *env);

/* Has the instance with that tag gone, so that nothing of it counts any more? */
bool sio_peers_is_lost(const sio_env *env, sio_view tag);

/*
 * Send *m (fields from, seq and ack are filled in) as the next numbered message. It is copied, and
 * kept until it is acknowledged; while Redis is away it waits. Without memory for it the peer is
 * given up at the next beat, since the numbering would have a hole.
 */
void sio_peer_send(sio_peer *peer, sio_cluster_message *m);

/* Something waits for a peer, or will soon: they are watched (watch.h). */
void sio_peers_await(sio_env *env);

/* Is there room for a message that a client can cause ("max instance backlog")? */
bool sio_peer_has_room(const sio_peer *peer);

/*
 * How long to wait for the first word of an instance. The one that was asked may have passed the
 * request on to one that was dead, and nobody tells us when that is found.
 */
unsigned sio_peers_patience_ms(const sio_env *env);

/* Is it over? While Redis was away nobody could answer; what was sent is kept, and sent again. */
bool sio_peers_patience_is_over(sio_env *env);

/*
 * A message of the peer to this instance alone. True: it is the next one, to be acted on. Otherwise
 * it was about the numbering, came before already, or came too early and will come again.
 */
bool sio_peer_hear(sio_peer *peer, const sio_cluster_message *m);

/* Either connection was lost: send again what is not acknowledged, and ask for the same. */
void sio_peer_resume(sio_peer *peer);

/* At every beat: what Redis did not take is given now, what was not answered asked again. */
void sio_peer_beat(sio_peer *peer);

#endif
