/*
 * server/backends/hook_route.h - which backend is told of an event.
 *
 * Pure.
 */
#ifndef SIO_BACKENDS_HOOK_ROUTE_H
#define SIO_BACKENDS_HOOK_ROUTE_H

#include "server/config/config.h"

/* Is that one of these: names, or beginnings that end with '*'? */
bool sio_hook_route_has_match(const sio_texts *patterns, sio_view name);

/*
 * The first of a list of sio_cfg_backend that serves the namespace ("/" is the default one) and
 * wants the event: by its name, a beginning that ends with '*', or "*". -1: nobody does.
 */
int sio_hook_route_find(const sio_cfg_list *backends, const char *nsp_name, sio_view event);

#endif
