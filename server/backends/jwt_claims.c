#include "server/backends/jwt_claims.h"

const char *
sio_jwt_claims_fault(const sio_jwt *t, const sio_cfg_jwt *cfg, uint64_t now_ms)
{
    const char *why = sio_jwt_untimely(t, now_ms, cfg->leeway_ms);

    if (why != NULL)
        return why;
    if (cfg->audience[0] != '\0' && !sio_jwt_is_for(t, sio_view_of(cfg->audience)))
        return "it is for another audience (aud)";
    if (cfg->issuer[0] != '\0' && !sio_jwt_is_by(t, sio_view_of(cfg->issuer)))
        return "it is of another issuer (iss)";
    return NULL;
}
