/*
 * tests/fuzz/world/cluster_turn.h - the turns of the servers of a cluster, and the time that
 * passes.
 *
 * Used by fuzz_cluster.c and the rest of the cluster.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_TURN_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_TURN_H

#include <stdint.h>

#include "tests/fuzz/world/cluster_world.h"

/* Turns of all servers, until nothing is left to be done at once. */
void world_turn(world *w);

/* Let time pass, from one thing that is due to the next. */
void world_pass_time(world *w, uint64_t ms);

/* It reads what has come, as far as it does not wait, and then finds that time has passed. */
void node_thaw(world *w, node *n);

#endif
