/*
 * tests/fuzz/world/cluster_seat.h - what the clients of a cluster send and hear.
 *
 * Used by fuzz_cluster.c and cluster_end.c.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_SEAT_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_SEAT_H

#include "tests/fuzz/world/cluster_world.h"

enum { PATH_LEN = 96 };

/* The client there, a new one if need be. NULL: a server that stops accepts none. */
client *seat_client(world *w, node *n, unsigned place);

/* Where the client of the session polls, and posts. */
void seat_path_of(const session_record *r, char path[PATH_LEN]);

/* Its client sends a message that is marked to that path. */
void seat_post_marked(world *w, seat *at, sio_view path);

/* What the letters of session_script.h do; of a server that is frozen nobody sees an answer. */
void seat_act(world *w, node *n, char letter, unsigned place, sio_view text);

#endif
