/*
 * server/cli/check_live.h - does a broker serve clients at an address, through whatever proxy?
 */
#ifndef SIO_CLI_CHECK_LIVE_H
#define SIO_CLI_CHECK_LIVE_H

#include "server/cli/check_report.h"
#include "server/cli/tls_client.h"
#include "server/cli/web_url.h"

/*
 * Open a session in each of the ways that clients have: by polling, by a websocket, and by a
 * handshake of 0.9. The sessions are left alone, and end by themselves. Where the settings name
 * pages, and url has no origin, it is as from one of these. tls: for a url that says so.
 */
void sio_check_live(sio_check_report *r, const sio_web_url *url, const sio_tls_client *tls,
                    const sio_cfg *cfg);

#endif
