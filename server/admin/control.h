/*
 * server/admin/control.h - POST /drain, /undrain and /reload: the server is told what to do next.
 *
 * What that means is known above this folder, so those who open the listener hand in a table. Each
 * of its functions is called from a timer, when no request is being looked at.
 */
#ifndef SIO_ADMIN_CONTROL_H
#define SIO_ADMIN_CONTROL_H

#include "server/admin/admin_request.h"
#include "server/siobroker.h"

typedef struct {
    void (*drain)(sio_server *io); /* those of siobroker.h */
    int (*undrain)(sio_server *io);
    int (*reload)(sio_server *io);
    const char *(*error)(const sio_server *io);
    void (*log_level)(sio_server *io, int level, unsigned for_s); /* NULL: nobody else has a log */
    sio_server *io;
    bool        is_master; /* it has no clients itself: those who do are its workers */
    sio_view    where;     /* these listen, as the log says it */
} sio_control;

/* 200 and {"phase":"..."}, the one that the server is in now. */
void sio_control_serve_drain(sio_exchange *x, const sio_admin_request *r);

/* The same, or 409: it is too late for that. */
void sio_control_serve_undrain(sio_exchange *x, const sio_admin_request *r);

/* 200 and {"reloaded":true}, or 422 with the line that the log has, and all stays as it was. */
void sio_control_serve_reload(sio_exchange *x, const sio_admin_request *r);

#endif
