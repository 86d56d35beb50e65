/*
 * server/handler/route.h - the paths of an application on the port of the clients: sio_route(),
 * sio_route_rest().
 *
 * Called by routes.c for what is not the broker's own.
 */
#ifndef SIO_HANDLER_ROUTE_H
#define SIO_HANDLER_ROUTE_H

#include "server/http/service.h"
#include "server/siobroker.h"

/* Whose page it is: the handler of a request, to be called at once, or fn is NULL. */
typedef struct {
    sio_route_fn fn;
    void        *arg;
    bool         is_rest; /* it has all that is nobody else's: sio_route_rest() */
} sio_route_handler;

sio_route_handler sio_route_find(const sio_env *env, sio_view target);

/* The settings are known: say which routes nobody will ask for. */
void sio_route_open(const sio_env *env);

void sio_route_free_all(sio_env *env);

#endif
