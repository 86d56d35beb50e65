/*
 * server/transport/transport.h - how bytes of a session travel: a table of functions for each
 * transport.
 *
 * Adding a transport touches its own file and the table in transport.c.
 */
#ifndef SIO_TRANSPORT_TRANSPORT_H
#define SIO_TRANSPORT_TRANSPORT_H

#include <stdbool.h>

#include "protocol/view.h"
#include "server/engine/channel.h"
#include "server/http/exchange.h"
#include "server/transport/opening.h"

typedef struct sio_env sio_env;

/* Whoever wants the packets of a POST. Returns false when it takes no more. */
typedef bool (*sio_post_take)(void *arg, sio_view packet);

struct sio_transport {
    const sio_channel_ops *channel; /* what it opens; also its name */
    bool                   upgrade; /* begins with a websocket upgrade rather than a plain GET */

    /*
     * Is the request fit to open a channel? Then fill in what of o is the transport's own;
     * otherwise answer it and return false. May be NULL.
     */
    bool (*accept)(sio_exchange *x, const sio_request *r, sio_opening *o);
    /* Open a channel for mailbox, or tell the client that its session is not known (NULL). */
    void (*open)(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox);
    /*
     * Hand each packet of a POST body (valid UTF-8) to take. SIO_OK, or SIO_ERR_NOMEM: they are
     * lost. NULL: no POST here.
     */
    int (*post)(sio_env *env, sio_view body, sio_post_take take, void *arg);
};

/* The transport called name, or NULL. Whether it is enabled is a matter of the configuration. */
const sio_transport *sio_transport_find(sio_view name);

/* The same for Engine.IO. */
const sio_transport *sio_transport_find_engine(sio_view name);

#endif
