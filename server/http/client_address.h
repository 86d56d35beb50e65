/*
 * server/http/client_address.h - who sent a request: the peer of its connection or, when that is a
 * proxy which we trust, the client that it tells of.
 *
 * Called by handlers. The setting "trust proxy" names the networks of proxies, "client address
 * header" the one header that they set or append to; all others may be what a client has made up.
 */
#ifndef SIO_HTTP_CLIENT_ADDRESS_H
#define SIO_HTTP_CLIENT_ADDRESS_H

#include "server/http/exchange.h"
#include "server/net/address.h"

/*
 * The address, with the port (0 when the proxy does not tell it). Each proxy has appended whom it
 * was connected to, so the header is read from its end: the last address that is not of a trusted
 * proxy counts. What is no address ("unknown") ends the search: nobody is known beyond the one
 * before.
 */
sio_address sio_client_address(const sio_exchange *x, const sio_http_request *head);

/* Is that address one of those in "trust proxy"? Many clients may stand behind it. */
bool sio_client_address_is_trusted(const sio_env *env, const sio_address *a);

/*
 * Did the client use TLS? The last element of X-Forwarded-Proto says so, or "proto" of Forwarded
 * when that is the header; if the peer is trusted.
 */
bool sio_client_address_is_secure(const sio_exchange *x, const sio_http_request *head);

#endif
