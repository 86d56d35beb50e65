/*
 * server/admin/admin_reply.h - answers of the admin listener.
 */
#ifndef SIO_ADMIN_ADMIN_REPLY_H
#define SIO_ADMIN_ADMIN_REPLY_H

#include "protocol/buf.h"
#include "server/http/exchange.h"

/* A whole answer, which nobody keeps. Out of memory (body->failed) it is 503. */
void sio_admin_reply(sio_exchange *x, unsigned status, const char *content_type,
                     const sio_buf *body);

/* The same with one more header. */
void sio_admin_reply_with(sio_exchange *x, unsigned status, const char *content_type,
                          const sio_buf *body, const char *header, sio_view value);

/* {"error":"TEXT"} in one line; counted. */
void sio_admin_reply_refuse(sio_exchange *x, unsigned status, const char *text);

/* The same with one more header. */
void sio_admin_reply_refuse_with(sio_exchange *x, unsigned status, const char *text,
                                 const char *header, sio_view value);

#endif
