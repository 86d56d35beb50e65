/*
 * server/handler/engine_target.h - what a request target means to Engine.IO.
 *
 *     resource ["/" anything] "?" query
 *
 * The path says no more: socket.io 1.x to 4.x take every one that begins with "/socket.io/", and
 * some clients put "1/" or "default/" there. Much of that is 0.9's, so the query decides (see
 * below). Values are read as Node reads them, decoded; the names of parameters too. Rules:
 * spec/socketio-modern.md section 1.1.
 */
#ifndef SIO_HANDLER_ENGINE_TARGET_H
#define SIO_HANDLER_ENGINE_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/eio3_client.h"
#include "protocol/eio_packet.h"
#include "protocol/view.h"
#include "server/engine/session.h"
#include "server/transport/transport.h"

typedef struct {
    bool                 echo;      /* for the path "engine echo" */
    sio_view             query;     /* as it was sent */
    const sio_transport *transport; /* NULL: none that is known and enabled */
    sio_eio_revision     revision;  /* 0: one that is not served */
    sio_eio3_client      client;    /* as far as "EIO" and "t" tell */
    bool                 jsonp;
    uint32_t             jsonp_index;
    bool                 base64; /* "b64": this client takes no bytes */
    bool                 has_sid;
    char                 sid[SIO_SESSION_ID_MAX + 1]; /* "" when it is none that could exist */
} sio_engine_target;

/*
 * Is the target one of Engine.IO? With "EIO" or "transport" in its query it is, and at the resource
 * itself with "sid"; but never that of a file of the browser client. Where 0.9 has its handshakes,
 * "transport" has to name one of Engine.IO, and where it has its sessions that counts for nothing:
 * applications of 0.9 add what they like to the query.
 */
bool sio_engine_target_matches(const sio_env *env, sio_view raw_target);

/* Read one that matches. Views are parts of the target. */
void sio_engine_target_parse(const sio_env *env, sio_view raw_target, sio_engine_target *out);

#endif
