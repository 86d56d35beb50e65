/*
 * server/backends/outgoing.h - requests of the application to other servers: sio_outgoing_send() of
 * siobroker.h.
 *
 * They are made by http_client.h. A client is made when it is needed first, since most applications
 * ask nobody, and one for https:// loads libcurl.
 */
#ifndef SIO_BACKENDS_OUTGOING_H
#define SIO_BACKENDS_OUTGOING_H

#include "protocol/list.h"
#include "server/backends/http_client.h"
#include "server/base/env.h"

typedef struct {
    sio_link         calls;         /* that have not ended */
    sio_http_client *clients[2][2]; /* [is TLS][is safe to send again]; NULL: not needed so far */
} sio_outgoing_calls;

void sio_outgoing_init(sio_outgoing_calls *o);

/* Calls under way are forgotten: nobody is told. */
void sio_outgoing_fini(sio_outgoing_calls *o);

#endif
