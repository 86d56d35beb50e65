/*
 * server/socketio/handshake_record.h - the query in the record of a handshake.
 *
 * handler/handshake_data.c makes the record. A namespace may add to its query, and applications
 * read that with sio_handshake_query().
 */
#ifndef SIO_SOCKETIO_HANDSHAKE_RECORD_H
#define SIO_SOCKETIO_HANDSHAKE_RECORD_H

#include "protocol/buf.h"
#include "protocol/view.h"

enum { SIO_HANDSHAKE_RECORD_MAX_PAIRS = 100 /* of a query; others are left out */ };

/*
 * Append record, a JSON object, with more in its query: the pairs of query, which is raw. A key
 * that is in both has the value of query. Failure is data->failed.
 */
void sio_handshake_record_requery(sio_view record, sio_view query, sio_buf *data);

#endif
