/*
 * server/handler/flash_policy.h - what Flash players ask before they connect (spec/socketio-0.9.md 2.6).
 *
 * The document goes out on a port of its own to everyone who connects, and on the HTTP port to those
 * who ask with <policy-file-request/>.
 */
#ifndef SIO_HANDLER_FLASH_POLICY_H
#define SIO_HANDLER_FLASH_POLICY_H

#include "protocol/buf.h"
#include "server/config/config.h"

typedef struct sio_env sio_env;

/* "<policy-file-request/>" and a NUL, 23 bytes. */
#define SIO_FLASH_POLICY_REQUEST SIO_VIEW("<policy-file-request/>\0")

/* Append the document for the setting "origins". */
void sio_flash_policy_document(const sio_cfg *cfg, sio_buf *out);

/*
 * Serve it on "flash policy port" when flashsocket is among the transports and the setting "flash
 * policy server" is on. A port that is taken is a warning: one process of a machine is enough.
 */
void sio_flash_policy_open(sio_env *env);

#endif
