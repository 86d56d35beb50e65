/*
 * server/cluster/partitions.h - broadcasts that only those instances hear whom they concern.
 *
 * With the setting "broadcast partitions" what is said to a room goes to the partition of that
 * room, and an instance hears a partition while it has a member there. Which room belongs to which
 * is for the caller to know (adapter/partition_rooms.h); here are numbers. Everything else goes to
 * all, as without the setting.
 *
 * All instances have to spread rooms alike. Each says in its beats how many partitions it knows,
 * and while one says another number, or nothing, broadcasts go to all. So the setting can be
 * changed one instance after the other.
 *
 * A partition is heard from as soon as Redis has read that. Two things that would be missed
 * otherwise are provided for:
 *   - Who tells sockets elsewhere to join a room, and who hears of it, speaks to all for a while
 *     instead of to the partition of that room (sio_partitions_widen()).
 *   - Who asks for the state of a client that was elsewhere hears all partitions first
 *     (sio_partitions_hear_all()): its rooms are not known yet, and what is said to them from now
 *     on must not be missed (roaming/recovery_transfer.c).
 *
 * Called by cluster.c and peers.c, and from adapter/ and roaming/.
 */
#ifndef SIO_CLUSTER_PARTITIONS_H
#define SIO_CLUSTER_PARTITIONS_H

#include "protocol/cluster_message.h"
#include "server/base/timer_wheel.h"
#include "server/cluster/peers.h"

enum {
    SIO_PARTITIONS_LINGER_MS = 5000, /* one is heard for so long after its last member has left */
    SIO_PARTITIONS_WIDE_MS = 5000    /* so long all are spoken to, for others to begin to hear */
};

typedef struct sio_partition {
    unsigned n_members;
    bool     is_heard;      /* or on its way to be */
    uint64_t left_ms;       /* when the last member left */
    uint64_t wide_until_ms; /* until then broadcasts to it go to all */
} sio_partition;

typedef struct sio_partitions {
    sio_partition *all; /* NULL: there are none */
    unsigned       n;
    unsigned       n_alike;      /* peers that have said the same number */
    bool           knows_peers;  /* which are there: the list has come since this instance is up */
    uint64_t       all_until_ms; /* until then all are heard */
    sio_timer      timer;        /* to hear those no more that nobody needs */
} sio_partitions;

/* As the settings say. The store is open. SIO_OK or SIO_ERR_NOMEM. */
int  sio_partitions_open(sio_env *env);
void sio_partitions_close(sio_env *env);

/* How many there are; 0: none, and none of the functions below may be given a number. */
unsigned sio_partitions_count(const sio_env *env);

/* One more member, or one less, of this instance is concerned with the partition. */
void sio_partitions_enter(sio_env *env, unsigned number);
void sio_partitions_exit(sio_env *env, unsigned number);

/*
 * Send *m to those who hear the partition, or to all if that is not enough now. Results as those of
 * sio_outbox_cast().
 */
int sio_partitions_cast(sio_env *env, unsigned number, sio_cluster_message *m);

/* Others have been told to let sockets join what may be the first of its kind there. */
void sio_partitions_widen(sio_env *env, unsigned number);

/*
 * Hear all of them for a while, at least SIO_PARTITIONS_LINGER_MS. True: all are heard, as if there
 * were none; otherwise SIO_CLUSTER_HEARD or SIO_CLUSTER_UP (module.h) comes when they are.
 */
bool sio_partitions_hear_all(sio_env *env);

/* --- For cluster.c and peers.c. --- */

/* The peer says so in its beat. */
void sio_partitions_note(sio_peer *peer, uint64_t n);

/* The peer is freed. */
void sio_partitions_forget(const sio_peer *peer);

/* The list of instances has come, or is not up to date any more. */
void sio_partitions_note_listed(sio_env *env, bool is_listed);

#endif
