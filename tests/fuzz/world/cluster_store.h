/*
 * tests/fuzz/world/cluster_store.h - the store of a server that has a Redis of cluster_redis.h.
 *
 * It keeps the rules of store/store.h and store/instances.h, and one more: an outage loses no
 * handshake that Redis has confirmed. What is asked of Redis happens when it is answered. Used by
 * cluster_world.c and tests/unit/server/out_of_memory_test.c.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_STORE_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_STORE_H

#include "tests/fuzz/world/cluster_redis.h"

/* A store of that Redis, which must outlive it; it is freed as any store. */
redis_link *redis_link_new(redis *r);

#endif
