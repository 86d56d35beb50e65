/*
 * server/handler/admin_page.h - requests for the page of the Admin UI of socket.io 4, on the port
 * of the clients.
 *
 * Called by routes.c. What the page does then is in server/adminui/; it gets no right from having
 * been served here.
 */
#ifndef SIO_HANDLER_ADMIN_PAGE_H
#define SIO_HANDLER_ADMIN_PAGE_H

#include "server/http/service.h"

/* Is it for the page, or a file below it, and is that served? */
bool sio_admin_page_owns(const sio_env *env, const sio_http_request *head);

extern const sio_http_route sio_admin_page_route;

#endif
