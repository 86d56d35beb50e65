/*
 * tests/fuzz/world/cluster_end.h - what happens when the script has ended: nothing stands in the
 * way of messages any more, clients ask for what they have not got, and time ends everything.
 *
 * Used by fuzz_cluster.c.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_END_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_END_H

#include "tests/fuzz/world/cluster_world.h"

/*
 * Let everything be settled and be asked for, check it, and end all servers and what stands in the
 * place of Redis.
 */
void world_end(world *w);

#endif
