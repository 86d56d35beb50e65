/*
 * server/transport/gate.h - a websocket that is not read for a while.
 *
 * Either the application has paused its session (engine/intake.h), or its compressed messages
 * inflate to too much. Deflate makes up to 1,032 bytes of one, and each of them is inflated and
 * read: a megabyte that came as 1 KB costs some milliseconds, so that one client with a slow line
 * could keep the server busy. Honest data may shrink as well, though (a grid of zeros), so no
 * message is refused for it. What it inflates to beyond SIO_GATE_FREE_RATIO times its length is
 * counted, and a connection that is over "max inflated bytes" in a second waits. At that ratio a
 * message costs no more than the small ones that would have come in as many bytes.
 *
 * Called by websocket.c. Most connections never have one of these.
 */
#ifndef SIO_TRANSPORT_GATE_H
#define SIO_TRANSPORT_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "server/net/conn.h"

enum { SIO_GATE_FREE_RATIO = 50 };

typedef struct sio_gate sio_gate;

/*
 * A message of n_compressed bytes of c has inflated to n_inflated. *in is made when that is much;
 * its owner ends it before c does. SIO_OK, or SIO_ERR_NOMEM.
 */
int sio_gate_count(sio_gate **in, sio_conn *c, size_t n_compressed, size_t n_inflated);

/*
 * The application does not want to hear of c any more, or wants to again: then what was kept is
 * given to the handler in this call. *in is made when that is needed. SIO_OK, or SIO_ERR_NOMEM.
 */
int sio_gate_pause(sio_gate **in, sio_conn *c, bool paused);

/*
 * Is it shut? Then bytes[0..n) (at most one read) are kept, and given to the handler of the
 * connection again, in front of what comes later, when it opens.
 */
bool sio_gate_keeps(sio_gate *in, const char *bytes, size_t n);

/* Is something kept? *in may be NULL. */
bool sio_gate_has_kept(const sio_gate *in);

/* Forget what is kept; *in becomes NULL. Nothing happens if it is NULL. */
void sio_gate_end(sio_gate **in);

#endif
