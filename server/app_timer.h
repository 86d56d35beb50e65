/*
 * server/app_timer.h - the timers of the application: sio_after() of siobroker.h.
 */
#ifndef SIO_SERVER_APP_TIMER_H
#define SIO_SERVER_APP_TIMER_H

#include "server/siobroker.h"

/* Forget those that are still set. */
void sio_app_timer_free_all(sio_server *io);

#endif
