/*
 * server/broadcast.h - what the end of a server has to know of broadcasts.
 */
#ifndef SIO_BROADCAST_H
#define SIO_BROADCAST_H

#include "server/siobroker.h"

/* Forget the answers that are being collected; nobody is told. */
void sio_surveys_free(sio_server *io);

#endif
