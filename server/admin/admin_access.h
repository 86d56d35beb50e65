/*
 * server/admin/admin_access.h - who may ask the admin listener for what.
 *
 * Any page that somebody opens can make the browser send requests to an address of the machine or
 * the network that it runs in. So what comes from a page (Origin) is refused, and so is what was
 * sent to a name that is not ours: such a name may lead to us only because a stranger's name server
 * says so (DNS rebinding).
 */
#ifndef SIO_ADMIN_ADMIN_ACCESS_H
#define SIO_ADMIN_ADMIN_ACCESS_H

#include <stdbool.h>

#include "server/http/exchange.h"

typedef enum {
    SIO_ADMIN_ANYONE, /* who can reach the listener: health and metrics */
    SIO_ADMIN_LOCAL,  /* who is on this machine, or has the key */
    SIO_ADMIN_TRUSTED /* who may open the unix socket, or has the key */
} sio_admin_access;

/* False: the request has been answered with a refusal. */
bool sio_admin_access_check(sio_exchange *x, const sio_http_request *head, sio_admin_access needed);

#endif
