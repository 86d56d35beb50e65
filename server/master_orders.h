/*
 * server/master_orders.h - what one server does when it is told to, done by all workers.
 *
 * Called by master_signals.c, master_reaping.c and master_admin.c.
 */
#ifndef SIO_SERVER_MASTER_ORDERS_H
#define SIO_SERVER_MASTER_ORDERS_H

#include "server/master_workers.h"

/* As sio_reload(); when it goes well, workers read the settings, too. */
int sio_master_orders_reload(sio_master *m);

/* As sio_drain(). */
void sio_master_orders_drain(sio_master *m);

/* As sio_undrain(). */
int sio_master_orders_undrain(sio_master *m);

/* A successor listens: all drain and stop, as sio_drain_hand_over(). */
void sio_master_orders_hand_over(sio_server *s);

/* As so many calls of sio_stop(), in each. Those that take longer than the settings are killed. */
void sio_master_orders_stop(sio_master *m, unsigned n_steps);

#endif
