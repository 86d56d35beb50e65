/*
 * server/handler/handshake_data.h - the record of a handshake: what an application may know of its
 * client.
 */
#ifndef SIO_HANDLER_HANDSHAKE_DATA_H
#define SIO_HANDLER_HANDSHAKE_DATA_H

#include "protocol/buf.h"
#include "server/http/exchange.h"

/*
 * Append the record as a JSON object with the keys of section 1.4, in that order, as it travels
 * through Redis. "address" and "secure" are as client_address.h has them; "secure" is always there,
 * as socket.io has it since 1.0. Failure is data->failed.
 */
void sio_handshake_data(sio_buf *data, const sio_exchange *x, const sio_request *r, sio_view query);

#endif
