/*
 * server/handler/flash_policy.h - what Flash players ask before they connect
 * (spec/socketio-0.9.md 2.6).
 *
 * The document goes out on a port of its own to everyone who connects, and on the HTTP port to
 * those who ask with <policy-file-request/>.
 */
#ifndef SIO_HANDLER_FLASH_POLICY_H
#define SIO_HANDLER_FLASH_POLICY_H

#include "protocol/buf.h"
#include "protocol/view.h"

typedef struct sio_env sio_env;

/*
 * For sio_http_service: a Flash player may ask for its policy on the HTTP port, before it says
 * anything of HTTP. Appends the document for the setting "origins".
 */
int sio_flash_policy_answer(const sio_env *env, sio_view bytes, sio_buf *answer);

/*
 * Serve it on "flash policy port" when flashsocket is among the transports and the setting "flash
 * policy server" is on. A port that is taken is a warning: one process of a machine is enough.
 */
void sio_flash_policy_open(sio_env *env);

/* The settings have changed: open it, or close it, if "transports" say so. */
void sio_flash_policy_adjust(sio_env *env);

#endif
