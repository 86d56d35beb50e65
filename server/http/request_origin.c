#include "server/http/request_origin.h"

#include "protocol/origin.h"
#include "server/base/env.h"
#include "server/config/config.h"

bool
sio_request_origin_allowed(const sio_env *env, const sio_http_request *head)
{
    sio_view   origin = SIO_VIEW("");
    const bool present = sio_http_header_get(head, "origin", &origin) ||
                         sio_http_header_get(head, "referer", &origin);

    return sio_origin_allowed(env->cfg->origins.items, env->cfg->origins.n, present, origin);
}

sio_view
sio_request_origin_readable(const sio_env *env, const sio_http_request *head)
{
    sio_view origin = SIO_VIEW("");

    if (sio_http_header_get(head, "origin", &origin) && sio_request_origin_allowed(env, head))
        return origin;
    return SIO_VIEW("");
}

sio_view
sio_request_origin_readable_engine(const sio_env *env, const sio_http_request *head)
{
    const sio_texts *pages = &env->cfg->cors_origin;
    sio_view         origin = SIO_VIEW("");

    if (pages->n == 0)
        return sio_cfg_names_pages(env->cfg) ? sio_request_origin_readable(env, head) : origin;
    if (sio_texts_has(pages, SIO_VIEW("*")))
        return SIO_VIEW("*");
    (void)sio_http_header_get(head, "origin", &origin);
    if (sio_texts_has(pages, SIO_VIEW("reflect")) || sio_texts_has(pages, origin))
        return origin;
    return SIO_VIEW("");
}
