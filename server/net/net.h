/*
 * server/net/net.h - what all connections of a server share.
 */
#ifndef SIO_NET_NET_H
#define SIO_NET_NET_H

#include "server/base/list.h"
#include "server/net/admission.h"
#include "server/net/conn.h"

struct lws_context;
struct lws_vhost;

typedef struct sio_net {
    sio_admission       admission;
    sio_link            conns; /* every TCP connection */
    struct lws_context *lws;
    struct lws_vhost   *vhost;
    char                input[SIO_CONN_READ_BYTES]; /* what one connection has just said */
} sio_net;

void sio_net_init(sio_env *env);

/* Be ready for connections. SIO_OK or SIO_ERR_NOMEM; sio_net_close() is due in any case. */
int sio_net_open(sio_env *env);

/* Abort all connections. */
void sio_net_close(sio_env *env);

#endif
