#include "server/handler/route.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/query.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/handler/handlers.h"

enum { MAX_ROUTES = 1000, MAX_PATH_BYTES = 1000 };

/* With a '*' at its end it stands for all that begin like the text before that. */
typedef struct {
    sio_link          link; /* in handlers->routes */
    sio_route_handler handler;
    bool              is_prefix;
    size_t            len; /* without the '*' */
    char              path[];
} app_route;

static app_route *
route_at(sio_link *l)
{
    return SIO_CONTAINER(l, app_route, link);
}

/* --- Which one. --- */

static bool
route_matches(const app_route *r, sio_view path)
{
    return (r->is_prefix ? path.len >= r->len : path.len == r->len) &&
           memcmp(path.data, r->path, r->len) == 0;
}

/* The path itself comes before all beginnings of it, and a long one of those before a short one. */
static bool
route_is_closer(const app_route *r, const app_route *than)
{
    return than == NULL || (than->is_prefix && (!r->is_prefix || r->len > than->len));
}

sio_route_handler
sio_route_find(const sio_env *env, sio_view target)
{
    sio_link        *all = &env->handlers->routes;
    sio_view         query;
    const sio_view   path = sio_query_cut(target, &query);
    const app_route *found = NULL;

    for (sio_link *l = all->next; l != all; l = l->next)
        if (route_matches(route_at(l), path) && route_is_closer(route_at(l), found))
            found = route_at(l);
    return found != NULL ? found->handler : env->handlers->rest;
}

/* --- Adding one. --- */

static bool
begins_with(const char *text, const char *part)
{
    return strncmp(text, part, strlen(part)) == 0;
}

/* All that begins like the resource is the broker's (protocol/sio09_target.h). */
static bool
is_broker_path(const sio_env *env, const char *path)
{
    const char *echo = env->cfg->engine_echo;

    return begins_with(path, env->cfg->resource) || (echo[0] != '\0' && begins_with(path, echo));
}

/* A path as clients send it; a '*' is the last character, and behind a '/'. */
static bool
is_path(const char *path)
{
    const size_t len = strlen(path), star = strcspn(path, "*");

    if (path[0] != '/' || len > MAX_PATH_BYTES)
        return false;
    for (size_t i = 0; i < len; i++)
        if (path[i] <= ' ' || path[i] > '~' || path[i] == '?' || path[i] == '#')
            return false;
    return star == len || (star + 1 == len && path[star - 1] == '/');
}

static app_route *
route_named(const sio_handlers *h, const char *path)
{
    for (sio_link *l = h->routes.next; l != &h->routes; l = l->next)
        if (strcmp(route_at(l)->path, path) == 0)
            return route_at(l);
    return NULL;
}

static void
route_free(sio_handlers *h, app_route *r)
{
    sio_link_remove(&r->link);
    h->n_routes--;
    free(r);
}

static int
route_add(sio_env *env, const char *path, const sio_route_handler *handler)
{
    sio_handlers *h = env->handlers;
    const size_t  len = strlen(path);
    app_route    *r;

    if (h->n_routes == MAX_ROUTES)
        return sio_env_fail(env, "there are a thousand routes already");
    if ((r = calloc(1, sizeof *r + len + 1)) == NULL)
        return sio_env_fail_memory(env);
    memcpy(r->path, path, len);
    r->is_prefix = path[len - 1] == '*';
    r->len = r->is_prefix ? len - 1 : len;
    r->handler = *handler;
    sio_link_init(&r->link);
    sio_link_append(&h->routes, &r->link);
    h->n_routes++;
    return 0;
}

int
sio_route(sio_server *io, const char *path, sio_route_fn fn, void *arg)
{
    sio_env                *env = sio_env_of(io);
    const sio_route_handler handler = {.fn = fn, .arg = arg};
    app_route              *known;

    if (!is_path(path))
        return sio_env_fail(env, "a route is a path of at most 1,000 characters of ASCII, without "
                                 "query; a '*' may be its end, behind a '/'");
    if (is_broker_path(env, path))
        return sio_env_fail(env, "what begins like \"resource\" is the broker's");
    known = route_named(env->handlers, path);
    if (known == NULL)
        return fn != NULL ? route_add(env, path, &handler) : 0;
    if (fn != NULL)
        known->handler = handler;
    else
        route_free(env->handlers, known);
    return 0;
}

void
sio_route_rest(sio_server *io, sio_route_fn fn, void *arg)
{
    sio_env_of(io)->handlers->rest = (sio_route_handler){fn, arg, fn != NULL};
}

/* --- Life. --- */

void
sio_route_open(const sio_env *env)
{
    sio_link *all = &env->handlers->routes;

    for (sio_link *l = all->next; l != all; l = l->next)
        if (is_broker_path(env, route_at(l)->path))
            sio_log_warn(&env->log, NULL,
                         "the route %s is never asked for: it begins like \"resource\", and is the "
                         "broker's",
                         route_at(l)->path);
}

void
sio_route_free_all(sio_env *env)
{
    sio_handlers *h = env->handlers;

    while (!sio_link_empty(&h->routes))
        route_free(h, route_at(h->routes.next));
}
