#include "server/http/http.h"

#include "server/base/env.h"

int
sio_http_init(sio_env *env, const sio_http_service *service)
{
    env->http->service = service;
    sio_buf_init(&env->http->answer, SIZE_MAX);
    return sio_accounts_init(&env->http->bodies);
}

void
sio_http_fini(sio_env *env)
{
    sio_buf_fini(&env->http->answer);
    sio_accounts_fini(&env->http->bodies);
}
