/*
 * server/handler/handlers.h - what the handlers of requests share.
 */
#ifndef SIO_HANDLER_HANDLERS_H
#define SIO_HANDLER_HANDLERS_H

#include "protocol/list.h"
#include "server/assets/admin_ui_files.h"
#include "server/assets/client09_files.h"
#include "server/assets/client4_files.h"
#include "server/handler/handshake_limits.h"
#include "server/handler/handshake_rate.h"
#include "server/handler/route.h"
#include "server/net/listener.h"
#include "server/siobroker.h"

typedef struct sio_handlers {
    sio_authorize_fn      authorize; /* handshakes; NULL: all are accepted */
    void                 *authorize_arg;
    sio_link              openings; /* requests whose session is being looked for */
    sio_link              routes;   /* of route.c: paths of the application */
    unsigned              n_routes;
    sio_route_handler     rest;             /* of what is nobody else's; fn NULL: nobody's */
    unsigned              page_patience_ms; /* for the application to answer */
    sio_client09_files   *client09_files;   /* NULL: not served */
    sio_client4_files    *client4_files;    /* the same */
    sio_admin_ui_files   *admin_ui_files;   /* the same */
    sio_listener          flash_listener;
    sio_unused_handshakes unused09;
    sio_handshake_rate    handshake_rate;
} sio_handlers;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_handlers_fini() is still allowed. */
int  sio_handlers_init(sio_env *env);
void sio_handlers_fini(sio_env *env);

/* Read the files of the browser clients; what is missing is logged, and not served. */
void sio_handlers_open(sio_env *env);
void sio_handlers_close(sio_env *env);

/* The settings have changed. */
void sio_handlers_adjust(sio_env *env);

#endif
