#include "server/handler/routes.h"

#include <string.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/handler/admin_page.h"
#include "server/handler/engine_routes.h"
#include "server/handler/flash_policy.h"
#include "server/handler/page.h"
#include "server/handler/routes09.h"
#include "server/http/response.h"

/* The first whose request it is answers it. */
static const struct {
    bool (*owns)(const sio_env *env, const sio_http_request *head);
    const sio_http_route *route;
} routes[] = {
    {sio_engine_routes_own, &sio_engine_routes},
    {sio_routes09_own, &sio_routes09},
    {sio_admin_page_owns, &sio_admin_page_route},
    {sio_page_owns, &sio_page_route},
};

static const sio_http_route *
routes_find(const sio_env *env, const sio_http_request *head)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (routes[i].owns(env, head))
            return routes[i].route;
    return &sio_routes09_elsewhere;
}

const sio_http_service sio_routes = {
    .find_route = routes_find,
    .answer_other = sio_flash_policy_answer,
    .refuse = sio_response_refuse,
};
