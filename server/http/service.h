/*
 * server/http/service.h - who answers the requests of a server, as http_conn.c sees them.
 *
 * Set once, before the server listens: that of the public port is sio_http.service, others are of a
 * side (side.h).
 */
#ifndef SIO_HTTP_SERVICE_H
#define SIO_HTTP_SERVICE_H

#include "protocol/buf.h"
#include "server/http/exchange.h"

/* How requests of one kind are answered. Found when the head is there, and kept in the exchange. */
struct sio_http_route {
    /* The most bytes that a body may have; more are not read. */
    size_t (*max_body)(const sio_env *env);
    /* The body is larger: refuse it. The connection ends with the answer. */
    void (*refuse_body)(sio_exchange *x, const sio_http_request *head);
    /*
     * The body has not come with the head: it is on its way. May set x->owner, and x->route to
     * another that ends this. It may be answered now, or before it is here; the rest is then not
     * read, and the connection ends with the answer. NULL: never mind.
     */
    void (*body_begins)(sio_exchange *x, const sio_http_request *head);
    /*
     * After body_begins, once: it is here, and not yet served; or is_lost, and never will be, as
     * also after an answer that did not wait for it.
     */
    void (*body_ends)(sio_exchange *x, bool is_lost);
    /*
     * Answer r, now or later. x->owner is what body_begins and body_ends have left there; NULL: the
     * body has come with the head.
     */
    void (*serve)(sio_exchange *x, const sio_request *r);
};

typedef struct {
    /* The route of a request; never NULL. Only the head is there. */
    const sio_http_route *(*find_route)(const sio_env *env, const sio_http_request *head);
    /*
     * What has come on a connection is no HTTP. Is it something else that can be answered? SIO_OK:
     * the answer was appended, and ends the connection; SIO_PARTIAL: more has to come to know;
     * SIO_BAD: no.
     */
    int (*answer_other)(const sio_env *env, sio_view bytes, sio_buf *answer);
    /* What can not be understood, or does not come in time. The connection ends with the answer. */
    void (*refuse)(sio_exchange *x, unsigned status, const char *text);
} sio_http_service;

#endif
