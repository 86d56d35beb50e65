/*
 * tests/fuzz/world/cluster_check.h - what must be true of servers of a cluster after each turn,
 * when nothing stands in the way of their messages any more, and when everybody has left.
 *
 * Used by cluster_turn.c and cluster_end.c.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_CHECK_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_CHECK_H

#include "tests/fuzz/world/cluster_world.h"

/* After each turn: bounds, numbers of messages, and what was confirmed to clients. */
void cluster_check_turn(world *w);

/* Streams have all events without asking, and POSTs their answers. */
void cluster_check_settled(const world *w, const node *n);

/* Sessions whose clients have said goodbye are over. */
void cluster_check_unwanted(const promise *p);

/* Who waits for an answer now? */
void cluster_check_note_waiting(world *w);

/* Those who were noted have got it; or a page, which does not end by itself. */
void cluster_check_answered(const world *w);

/* Everybody has left: nothing of them is there any more, in no server, nor in Redis. */
void cluster_check_nothing_left(const world *w);

#endif
