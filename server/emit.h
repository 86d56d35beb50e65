/*
 * server/emit.h - from the arguments of an application to packets.
 */
#ifndef SIO_EMIT_H
#define SIO_EMIT_H

#include "protocol/view.h"
#include "server/namespace.h"

/* args_json as applications give it: NULL, or a JSON array, which *args then views. 0 or -1. */
int sio_check_args(const sio_server *s, const char *args_json, sio_view *args);

/*
 * Make *p an event of nsp. name holds its name as JSON and must live as long as *p. 0, or -1 when
 * args_json is not a JSON array.
 */
int sio_event_packet(const sio_namespace *nsp, const char *event, const char *args_json,
                     sio_buf *name, sio_packet *p);

#endif
