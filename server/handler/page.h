/*
 * server/handler/page.h - requests that the application answers: those for its routes (route.h).
 */
#ifndef SIO_HANDLER_PAGE_H
#define SIO_HANDLER_PAGE_H

#include "server/http/service.h"

/* Is there a route for it? */
bool sio_page_owns(const sio_env *env, const sio_http_request *head);

extern const sio_http_route sio_page_route;

#endif
