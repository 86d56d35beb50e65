/*
 * server/net/net.h - what all connections of a server share.
 */
#ifndef SIO_NET_NET_H
#define SIO_NET_NET_H

#include "protocol/list.h"
#include "server/net/admission.h"
#include "server/net/conn.h"
#include "server/net/fronts.h"
#include "server/net/kept.h"
#include "server/net/tls.h"

struct lws_context;
struct lws_vhost;

/* So many peers are dismissed at a time. */
enum { SIO_NET_MAX_DISMISSED = 16 };

/* Who speaks on the connections of a server. */
typedef struct {
    /* A connection came in: set its handler, or abort it. */
    void (*accepted)(sio_conn *c);
    sio_view refusal;  /* what one is told that may not come in */
    sio_view insecure; /* or that does not speak TLS where it has to */
} sio_net_owner;

typedef struct sio_net {
    const sio_net_owner *owner;
    sio_admission        admission;
    sio_link             conns; /* every TCP connection */
    sio_fronts           fronts;
    unsigned             port;     /* of the first front that has any, also when it is closed */
    sio_door             admitted; /* of those that admission counts */
    sio_door             unnamed;  /* of those that have yet to say whose they are: proxied.c */
    sio_door             dismissed;
    unsigned             n_dismissed;
    sio_kept            *kept;         /* sockets that are there already; NULL: none */
    bool                 shares_ports; /* with other processes: SO_REUSEPORT */
    const sio_carrier   *carrier;      /* of those without TLS that come in; NULL: none do yet */
    sio_tls              tls;
    struct lws_context  *lws; /* of carrier_lws.c, with the next; NULL: it is not used */
    struct lws_vhost    *lws_vhost;
    char                 input[SIO_CONN_READ_BYTES]; /* what one connection has just said */
} sio_net;

void sio_net_init(sio_env *env, const sio_net_owner *owner);

/* Be ready for connections. SIO_OK or SIO_ERR_NOMEM; sio_net_close() is due in any case. */
int sio_net_open(sio_env *env);

/* Behind it: be ready for TLS, where the settings have certificates. SIO_OK, or one line. */
int sio_net_open_tls(sio_env *env, sio_buf *error);

/*
 * For listeners: a connection came. It is the owner's, or refused with a whole answer. carrier: of
 * the listener; NULL: that of the setting. Takes fd.
 */
void sio_net_accept(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer);

/*
 * The same for one that says only later whose it is: it is counted, and the caller's, to set its
 * handler. NULL: it was refused.
 */
sio_conn *sio_net_accept_unnamed(sio_env *env, const sio_carrier *carrier, int fd,
                                 const sio_address *peer);

/*
 * One of sio_net_accept_unnamed() is client's: it is the owner's from now on, or refused. The
 * caller has let go of it. Its state tells whether it is still open.
 */
void sio_net_admit(sio_conn *c, const sio_address *client);

/*
 * Say bytes to a peer that nobody serves: they leave whole, and then the connection ends in order.
 * Where too many do so already it ends at once; what the peer has said unread then may cost it the
 * bytes. Takes fd.
 */
void sio_net_dismiss(sio_env *env, int fd, const sio_address *peer, sio_view bytes);

/* Abort all connections. */
void sio_net_close(sio_env *env);

#endif
