#include "server/http/exchange_settings.h"

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/http/http.h"
#include "server/http/side.h"

const sio_http_service *
sio_exchange_settings_service(const sio_exchange *x)
{
    return x->side != NULL ? x->side->service : x->env->http->service;
}

size_t
sio_exchange_settings_max_header_bytes(const sio_exchange *x)
{
    return x->side != NULL ? x->side->bounds.max_request_bytes : x->env->cfg->max_header_bytes;
}

unsigned
sio_exchange_settings_timeout_ms(const sio_exchange *x)
{
    return x->side != NULL ? x->side->bounds.timeout_ms : x->env->cfg->request_timeout_ms;
}

unsigned
sio_exchange_settings_keep_alive_ms(const sio_exchange *x)
{
    return x->side != NULL ? x->side->bounds.timeout_ms : x->env->cfg->keep_alive_timeout_ms;
}
