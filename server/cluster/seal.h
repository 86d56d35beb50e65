/*
 * server/cluster/seal.h - messages that only those make who know the secret of the cluster.
 *
 * With the setting "cluster secret" each message to other instances is sealed. What is not, or not
 * by a secret that is known here, is dropped and counted as forged; what was heard before, or is
 * older, as replayed.
 *
 *     sealed    '2' number mac message
 *     number    8 bytes, high ones first: 1 for the first message of a tag, and growing
 *     mac       16 bytes (base/mac.h), of: number, how many bytes the addressee has (one byte), the
 *               addressee (a tag; of a message to all or to a partition: nothing), message
 *     message   as in protocol/cluster_message.h; its sender is in it
 *
 * The key is made of the secret and of the name of the cluster, so that two clusters with the same
 * secret do not hear each other. Several secrets may be known: the first one seals, and so they can
 * be changed one instance after the other.
 *
 * The number. All that an instance says leaves on one connection and arrives on one, in order, so
 * whoever hears it needs nothing but the last number. A restart needs nothing either, because tags
 * are not used twice. But one who hears of a tag for the first time knows no number: what comes may
 * be years old. So it asks the instance to say something that cannot be (SIO_CM_HELLO, with a
 * random number, and SIO_CM_WELCOME with the same), and until then acts on nothing (proof.h). No
 * clock is compared with that of another machine.
 *
 * Called by cluster.c and outbox.c. Without the setting all of this does nothing.
 */
#ifndef SIO_CLUSTER_SEAL_H
#define SIO_CLUSTER_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/view.h"

typedef struct sio_env  sio_env;
typedef struct sio_seal sio_seal;

/* Make the keys. SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS (base/mac.h). */
int  sio_seal_open(sio_env *env);
void sio_seal_close(sio_env *env);

/* Is there a secret? */
bool sio_seal_is_used(const sio_env *env);

/* This instance has a new tag: its numbers begin anew. */
void sio_seal_begin(sio_env *env);

/*
 * Seal a message to the instance with this tag, or with an empty one to all. The result lives until
 * the next one is sealed. False: out of memory.
 */
bool sio_seal_put(sio_env *env, sio_view tag, sio_view message, sio_view *sealed);

/*
 * Take the seal off what has come, to this instance alone or to all. False: it is dropped, and
 * counted. *number is 0 when there is no secret.
 */
bool sio_seal_take_off(sio_env *env, bool direct, sio_view *bytes, uint64_t *number);

/* Is it newer than what was heard before under the own name? */
bool sio_seal_is_own_news(sio_env *env, uint64_t number);

#endif
