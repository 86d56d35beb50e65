/*
 * tests/unit/server/memory_app.h - the application of instances whose memory runs out: it does all
 * that siobroker.h has, and counts what it is told that it can not have (world.n_told).
 */
#ifndef SIO_TESTS_UNIT_MEMORY_APP_H
#define SIO_TESTS_UNIT_MEMORY_APP_H

#include "server/siobroker.h"

/* Be it. False: there is no memory for it. */
bool memory_app_serve(sio_server *s);

/* Of the last acknowledgement that was kept; the other instance uses it. */
extern char memory_app_token[SIO_ACK_TOKEN_SIZE];

#endif
