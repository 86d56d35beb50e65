/*
 * tests/bench/load/polling.h - xhr-polling of Socket.IO 0.9: a connection for the polls, a second
 * one for the posts, both kept alive as browsers do.
 *
 * Called by client.c, for the clients of DIALECT_09_POLLING. Texts are ASCII: the lengths in a
 * payload are counted in bytes.
 */
#ifndef LOAD_POLLING_H
#define LOAD_POLLING_H

#include "tests/bench/load/client.h"

/* Begin with the handshake. 0, or -1 and errno. */
int polling_open(client *c);

/* Put a packet into the outbox. */
void polling_write(client *c, const char *text, size_t len);

/* Post the outbox, unless a post is under way. */
void polling_flush(client *c);

#endif
