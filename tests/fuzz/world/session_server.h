/*
 * tests/fuzz/world/session_server.h - a server without sockets whose clock is moved by hand, with
 * small limits; and what must be true of it after each turn, and when everybody has left.
 *
 * Used by the fuzz targets of whole servers, and by tests/unit/server/memory_world.c.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_SESSION_SERVER_H
#define SIO_TESTS_FUZZ_WORLD_SESSION_SERVER_H

#include "server/server.h"

enum { MAX_PACKETS = 20, MAX_BYTES = 2048, MAX_HANDSHAKES = 5 };

/*
 * What sio_listen() does, but for sockets and the store, which the caller makes. The server is the
 * caller's, too: sio_server_free() ends it. Each letter of `switches` turns something on:
 *
 *     r  state recovery     z  compression     o  "origins" and "cors" name one host each
 *     b  little memory for what clients make the server keep
 *     m  no EIO 3, and who comes back is decided on again
 *     s  "cluster secret"
 */
sio_server *server_new(sio_view switches);

/* The letters in the first line of a script, "%rz"; it has none without that. */
sio_view server_switches(const char *script, size_t size);

/* Do what was put off to the end of the turn. */
void server_run_tasks(sio_server *s);

/* Between two turns: queues within their bounds, counters, nothing that is put off. */
void server_check(const sio_server *s);

/* Is nothing left of any client? */
bool server_is_idle(const sio_server *s);

#endif
