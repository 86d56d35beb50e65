/*
 * server/admin/overview.h - /status: one instance at a glance, as JSON. The page "/" shows it.
 */
#ifndef SIO_ADMIN_OVERVIEW_H
#define SIO_ADMIN_OVERVIEW_H

#include "server/admin/admin_request.h"

void sio_overview_serve(sio_exchange *x, const sio_admin_request *r);

#endif
