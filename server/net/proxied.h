/*
 * server/net/proxied.h - connections that a proxy passes on, and that begin with whose they are:
 * the PROXY protocol (protocol/proxy_header.h), on listeners with the word "proxy".
 *
 * Called by fronts.c. The header is required there, and looked for nowhere else, as the protocol
 * demands: anybody could claim any address. So only those in "proxy from" are heard at all. What
 * has no header, a wrong one, or none within three seconds, is closed without a byte.
 */
#ifndef SIO_NET_PROXIED_H
#define SIO_NET_PROXIED_H

#include "server/net/address.h"

typedef struct sio_env     sio_env;
typedef struct sio_carrier sio_carrier;

/*
 * A connection of peer came. It counts for "max connections" from now on; once its header is here
 * it is one of the address in there, and goes the way of all others. carrier:
 * as of sio_net_accept(); TLS begins behind the header. Takes fd.
 */
void sio_proxied_accept(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer);

#endif
