/*
 * server/transport/inflation.h - how much the compressed messages of one connection may inflate to.
 *
 * Deflate makes up to 1,032 bytes of one, and each of them is inflated and read: a megabyte that
 * came as 1 KB costs some milliseconds, so that one client with a slow line could keep the server
 * busy. Honest data may shrink as well, though (a grid of zeros), so no message is refused for it.
 * What it inflates to beyond SIO_INFLATION_FREE_RATIO times its length is counted, and a connection
 * that is over "max inflated bytes" in a second waits: it is not read meanwhile. At that ratio a
 * message costs no more than the small ones that would have come in as many bytes.
 *
 * Called by websocket.c. Most connections never have one of these.
 */
#ifndef SIO_TRANSPORT_INFLATION_H
#define SIO_TRANSPORT_INFLATION_H

#include <stdbool.h>
#include <stddef.h>

#include "server/net/conn.h"

enum { SIO_INFLATION_FREE_RATIO = 50 };

typedef struct sio_inflation sio_inflation;

/*
 * A message of n_compressed bytes of c has inflated to n_inflated. *in is made when that is much;
 * its owner ends it before c does. SIO_OK, or SIO_ERR_NOMEM.
 */
int sio_inflation_count(sio_inflation **in, sio_conn *c, size_t n_compressed, size_t n_inflated);

/*
 * Has the connection to wait? Then bytes[0..n) are kept, and given to its handler again, in front
 * of what comes later, when the time is up.
 */
bool sio_inflation_keeps(sio_inflation *in, const char *bytes, size_t n);

/* Forget what is kept; *in becomes NULL. Nothing happens if it is NULL. */
void sio_inflation_end(sio_inflation **in);

#endif
