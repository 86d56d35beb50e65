#include "server/admin/admin_routes.h"

#include <string.h>

#include "protocol/query.h"
#include "protocol/result.h"
#include "server/admin/admin.h"
#include "server/admin/admin_access.h"
#include "server/admin/admin_reply.h"
#include "server/admin/control.h"
#include "server/admin/health.h"
#include "server/admin/log_level.h"
#include "server/admin/metrics.h"
#include "server/admin/overview.h"
#include "server/admin/session_list.h"
#include "server/admin/status_page.h"
#include "server/base/env.h"

enum { MAX_BODY = 8192 };

/* Those who only look use GET, or HEAD; whatever changes something has another method. */
typedef struct {
    sio_view         path; /* one that ends with a slash has more behind it */
    sio_http_method  method;
    const char      *allow;
    sio_admin_access access;
    void (*serve)(sio_exchange *x, const sio_admin_request *r);
    bool is_of_process; /* a master has nothing to answer that with */
} admin_route;

#define LOOK(path, access, serve)                                                \
    {                                                                            \
        SIO_VIEW_INIT(path), SIO_HTTP_GET, "GET, HEAD", (access), (serve), false \
    }

#define CHANGE(path, method, access, serve)                                       \
    {                                                                             \
        SIO_VIEW_INIT(path), SIO_HTTP_##method, #method, (access), (serve), false \
    }

static const admin_route routes[] = {
    LOOK("/livez", SIO_ADMIN_ANYONE, sio_health_serve_live),
    LOOK("/healthz", SIO_ADMIN_ANYONE, sio_health_serve_live),
    LOOK("/readyz", SIO_ADMIN_ANYONE, sio_health_serve_ready),
    LOOK("/metrics", SIO_ADMIN_ANYONE, sio_metrics_serve),
    LOOK("/status", SIO_ADMIN_LOCAL, sio_overview_serve),
    LOOK("/", SIO_ADMIN_LOCAL, sio_status_page_serve),
    {SIO_VIEW_INIT("/sessions"), SIO_HTTP_GET, "GET, HEAD", SIO_ADMIN_TRUSTED,
     sio_session_list_serve, true},
    {SIO_VIEW_INIT("/sessions/"), SIO_HTTP_DELETE, "DELETE", SIO_ADMIN_TRUSTED,
     sio_session_list_end_one, true},
    CHANGE("/log", POST, SIO_ADMIN_LOCAL, sio_log_level_serve),
    CHANGE("/drain", POST, SIO_ADMIN_LOCAL, sio_control_serve_drain),
    CHANGE("/undrain", POST, SIO_ADMIN_LOCAL, sio_control_serve_undrain),
    CHANGE("/reload", POST, SIO_ADMIN_LOCAL, sio_control_serve_reload),
};

static bool
is_route_of(const admin_route *route, sio_view path)
{
    const sio_view own = route->path;

    if (own.len > 1 && own.data[own.len - 1] == '/')
        return path.len > own.len && memcmp(path.data, own.data, own.len) == 0;
    return sio_view_eq(path, own);
}

static const admin_route *
find_admin_route(sio_view path)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (is_route_of(&routes[i], path))
            return &routes[i];
    return NULL;
}

static bool
is_allowed(const admin_route *route, sio_http_method method)
{
    return method == route->method || (route->method == SIO_HTTP_GET && method == SIO_HTTP_HEAD);
}

static void
serve_route(sio_exchange *x, const sio_request *r, sio_view path, sio_view query)
{
    const admin_route *route = find_admin_route(path);
    sio_admin_access   needed = route != NULL ? route->access : SIO_ADMIN_ANYONE;
    sio_admin_request  request = {.head = r->head, .query = query};

    if (!sio_admin_access_check(x, r->head, needed))
        return;
    if (route == NULL) {
        sio_admin_reply_refuse(x, 404, "there is nothing here; see the manual, \"Watching\"");
    } else if (!is_allowed(route, r->head->method)) {
        sio_admin_reply_refuse_with(x, 405, "another method is needed; see Allow", "Allow",
                                    sio_view_of(route->allow));
    } else if (route->is_of_process && x->env->admin->control.is_master) {
        sio_admin_reply_refuse(x, 501, "this is not possible with several \"workers\"");
    } else {
        request.rest = (sio_view){path.data + route->path.len, path.len - route->path.len};
        route->serve(x, &request);
    }
}

static void
admin_serve(sio_exchange *x, const sio_request *r)
{
    sio_view       query;
    const sio_view path = sio_query_cut(r->head->target, &query);

    x->env->stats.admin_requests++;
    serve_route(x, r, path, query);
}

static size_t
admin_max_body(const sio_env *env)
{
    (void)env;
    return MAX_BODY;
}

static void
admin_refuse_body(sio_exchange *x, const sio_http_request *head)
{
    (void)head;
    sio_admin_reply_refuse(x, 413, "the body is too large");
}

static const sio_http_route admin_http_route = {
    .max_body = admin_max_body,
    .refuse_body = admin_refuse_body,
    .serve = admin_serve,
};

static const sio_http_route *
admin_find_route(const sio_env *env, const sio_http_request *head)
{
    (void)env;
    (void)head;
    return &admin_http_route;
}

static int
admin_answer_other(const sio_env *env, sio_view bytes, sio_buf *answer)
{
    (void)env;
    (void)bytes;
    (void)answer;
    return SIO_BAD;
}

const sio_http_service sio_admin_routes = {
    .find_route = admin_find_route,
    .answer_other = admin_answer_other,
    .refuse = sio_admin_reply_refuse,
};
