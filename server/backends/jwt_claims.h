/*
 * server/backends/jwt_claims.h - is a token one for these settings, whoever has signed it?
 *
 * Called by jwt_gate.c, and by `siobroker token --check`. Pure.
 */
#ifndef SIO_BACKENDS_JWT_CLAIMS_H
#define SIO_BACKENDS_JWT_CLAIMS_H

#include "protocol/jwt.h"
#include "server/config/config.h"

/* NULL: it is, at that time. Or why not, in words that show nothing of it. */
const char *sio_jwt_claims_fault(const sio_jwt *t, const sio_cfg_jwt *cfg, uint64_t now_ms);

#endif
