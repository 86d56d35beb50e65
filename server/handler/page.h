/*
 * server/handler/page.h - requests that the application answers: those for its routes (route.h).
 *
 * Three files: page.c is the life of a page, page_request.c tells what was asked, and page_answer.c
 * is the answer.
 */
#ifndef SIO_HANDLER_PAGE_H
#define SIO_HANDLER_PAGE_H

#include "protocol/buf.h"
#include "server/base/timer_wheel.h"
#include "server/http/service.h"
#include "server/siobroker.h"

enum { SIO_PAGE_MAX_METHOD = 32 };

struct sio_page {
    sio_env           *env;
    sio_exchange      *x;       /* NULL: nobody waits for an answer any more */
    const sio_request *request; /* NULL: the call is over */
    sio_address        address; /* of the client */
    char               method[SIO_PAGE_MAX_METHOD];
    char              *reason;  /* behind the status, from the application; NULL: the usual one */
    sio_buf            headers; /* of the answer, beside those that all have */
    bool               is_bad;  /* so is one of them */
    bool               is_rest; /* of sio_route_rest() */
    bool               closes;  /* the connection ends with the answer */
    bool               is_answered;
    sio_timer          timer;

    /* An answer in parts. */
    bool   has_begun, is_chunked;
    size_t n_left;    /* of the length that was told; SIO_PAGE_ANY_LENGTH: none was */
    size_t n_waiting; /* at most so much of it waits for the socket */
    void (*gone)(void *arg);
    void (*drained)(void *arg);
    void *gone_arg, *drained_arg;
};

/* Nobody waits for its answer from now on; the application has the page until it gives one. */
void sio_page_detach(sio_page *page);

/* The application is done with it: it is freed, now or when the call with the request returns. */
void sio_page_release(sio_page *page);

/* Is there somebody for it? */
bool sio_page_owns(const sio_env *env, const sio_http_request *head);

extern const sio_http_route sio_page_route;

#endif
