#include "server/http/http.h"

#include "server/base/env.h"

void
sio_http_init(sio_env *env, const sio_http_service *service)
{
    env->http->service = service;
    sio_buf_init(&env->http->answer, SIZE_MAX);
}

void
sio_http_fini(sio_env *env)
{
    sio_buf_fini(&env->http->answer);
}
