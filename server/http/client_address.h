/*
 * server/http/client_address.h - who sent a request: the peer of its connection or, with "trust proxy",
 * the client that the proxy in front of us tells of.
 *
 * Called by handshake_data.c. Of each header the last element of the last line counts: that is the
 * one which the proxy itself has written, whatever the client had sent before.
 */
#ifndef SIO_HTTP_CLIENT_ADDRESS_H
#define SIO_HTTP_CLIENT_ADDRESS_H

#include "server/http/http_conn.h"
#include "server/net/address.h"

/*
 * The address, with the port (0 when the proxy does not tell it). X-Forwarded-For decides, else
 * Forwarded, else X-Real-IP: proxies write the first of these unasked, and pass the others on as a
 * client has made them up. What is no address ("unknown") leaves that of the proxy.
 */
sio_address sio_client_address(const sio_exchange *x, const sio_http_request *head);

/* Did the client use TLS? X-Forwarded-Proto decides, else "proto" of Forwarded. */
bool sio_client_address_is_secure(const sio_exchange *x, const sio_http_request *head);

#endif
