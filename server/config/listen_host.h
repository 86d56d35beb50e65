/*
 * server/config/listen_host.h - where else to listen, beside the listeners of "listen".
 *
 * Called by server/handler/flash_policy.c and server/cli/check_ports.c.
 */
#ifndef SIO_CONFIG_LISTEN_HOST_H
#define SIO_CONFIG_LISTEN_HOST_H

#include "server/config/config.h"

/*
 * The host of the first listener that is no unix socket; empty: all addresses. False: there is no
 * such listener. *host views cfg.
 */
bool sio_listen_host_first(const sio_cfg *cfg, sio_view *host);

#endif
