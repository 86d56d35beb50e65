/*
 * server/cluster/proof.h - is it the peer that speaks, and is it now? With a secret (seal.h).
 *
 * Whoever hears of a tag for the first time asks it with a random number (SIO_CM_HELLO). The answer
 * with that number (SIO_CM_WELCOME) cannot have been recorded, so from its number on each message
 * that has a higher one is new. Until then nothing of the peer is acted upon; messages to this
 * instance alone come again (peers.h), what was said to all is lost. It takes two ways through
 * Redis. Called by cluster.c; without a secret everything is news.
 */
#ifndef SIO_CLUSTER_PROOF_H
#define SIO_CLUSTER_PROOF_H

#include "protocol/cluster_message.h"
#include "server/cluster/peers.h"

/* Is the message, which had that number, to be acted upon? */
bool sio_proof_is_news(sio_peer *peer, bool direct, const sio_cluster_message *m, uint64_t number);

/* At every beat: ask again whoever has not answered. */
void sio_proof_beat(sio_peer *peer);

#endif
