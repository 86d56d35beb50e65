/*
 * server/roaming/proxy.h - what proxy_session.c and proxy_request.c have in common.
 */
#ifndef SIO_ROAMING_PROXY_H
#define SIO_ROAMING_PROXY_H

#include "server/cluster/peers.h"
#include "server/http/exchange.h"

/* Is there room for one more message to the peer that a client causes? Otherwise x is refused. */
bool sio_proxy_has_room(sio_exchange *x, const sio_peer *peer);

#endif
