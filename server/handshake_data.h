/*
 * server/handshake_data.h - the record of a handshake: what an application may know of its client.
 */
#ifndef SIO_HANDSHAKE_DATA_H
#define SIO_HANDSHAKE_DATA_H

#include "protocol/buf.h"
#include "protocol/sio09_target.h"
#include "server/http.h"

/*
 * Append the record as a JSON object with the keys of section 1.4, in that order, as it travels
 * through Redis. Failure is data->failed.
 */
void sio_handshake_data(sio_buf *data, const sio_exchange *x, const sio_request *r,
                        const sio09_target *t);

#endif
