/*
 * server/backends/plain_link.h - a connection of plain_client.c: finding, connecting, bytes.
 *
 * It knows no HTTP and no time: its owner ends it when it takes too long.
 */
#ifndef SIO_BACKENDS_PLAIN_LINK_H
#define SIO_BACKENDS_PLAIN_LINK_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "protocol/endpoint_url.h"
#include "protocol/view.h"
#include "server/backends/address_cache.h"
#include "server/base/deferred.h"
#include "server/base/timer_wheel.h"
#include "store/resolve.h"

typedef struct sio_plain_link sio_plain_link;

/* Each may free the link. */
typedef struct {
    void (*opened)(sio_plain_link *link);
    void (*heard)(sio_plain_link *link, const char *bytes, size_t n);
    /* It can not be opened, or was closed: it is to be freed. why is one line, for the log. */
    void (*failed)(sio_plain_link *link, const char *why);
} sio_plain_link_ops;

struct sio_plain_link {
    /* For its owner. */
    sio_link  in_idle;
    void     *client, *call;
    unsigned  n_calls;
    sio_timer timer;
    /* Private. */
    const sio_plain_link_ops *ops;
    struct event_base        *base;
    sio_deferred             *deferred;
    sio_address_cache        *known;
    char                     *to; /* authority, or path of a socket */
    char                     *host;
    unsigned                  port; /* 0: a unix socket */
    sio_resolve              *resolve;
    sio_addresses             addresses;
    size_t                    next_address;
    int                       fd;
    bool                      is_open;
    struct event             *readable, *writable;
    sio_view                  rest[2]; /* what is still to be sent */
};

/* ops and the others live as long. NULL: no memory. */
sio_plain_link *sio_plain_link_new(const sio_plain_link_ops *ops, struct event_base *base,
                                   sio_deferred *deferred, sio_address_cache *known,
                                   const sio_endpoint_url *url);

/*
 * Begin to connect: opened or failed is called later. False: it has failed already, and why, one
 * line in a buffer of that size, says how.
 */
bool sio_plain_link_connect(sio_plain_link *link, char *why, size_t size);

/* Does it lead there? */
bool sio_plain_link_leads_to(const sio_plain_link *link, const sio_endpoint_url *url);

/*
 * Send both, now as far as possible, and the rest when there is room. They are borrowed until all
 * is sent or the link is freed. That nobody reads is told by failed, or by what is heard.
 */
void sio_plain_link_send(sio_plain_link *link, sio_view head, sio_view body);

/* Has all been sent? */
bool sio_plain_link_has_sent(const sio_plain_link *link);

/* Close it. NULL is allowed. */
void sio_plain_link_free(sio_plain_link *link);

#endif
