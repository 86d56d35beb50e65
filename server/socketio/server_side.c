#include "server/socketio/server_side.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/socketio/adapter.h"
#include "server/socketio/arguments.h"

enum { MAX_BYTES = 1024 * 1024 }; /* of the arguments: it goes to all instances at once */

typedef struct {
    sio_link           link; /* in nsp->server_handlers */
    sio_server_side_fn fn;
    void              *arg;
    char               name[];
} server_handler;

/* --- Hearing. --- */

static server_handler *
server_handler_find(const sio_namespace *nsp, sio_view name)
{
    const sio_link *all = &nsp->server_handlers;

    for (sio_link *l = all->next; l != all; l = l->next) {
        server_handler *h = SIO_CONTAINER(l, server_handler, link);

        if (sio_view_eq(sio_view_of(h->name), name))
            return h;
    }
    return NULL;
}

static server_handler *
server_handler_new(sio_namespace *nsp, const char *name)
{
    server_handler *h = calloc(1, sizeof *h + strlen(name) + 1);

    if (h == NULL)
        return NULL;
    memcpy(h->name, name, strlen(name));
    sio_link_init(&h->link);
    sio_link_append(&nsp->server_handlers, &h->link);
    return h;
}

bool
sio_server_side_is_inner(sio_view event)
{
    static const char inner[] = "siobroker:";

    return event.len >= sizeof inner - 1 && memcmp(event.data, inner, sizeof inner - 1) == 0;
}

/* Those that socket.io keeps for itself at a namespace, and those of inner_events.h. */
static bool
is_reserved(const char *event)
{
    return strcmp(event, "connect") == 0 || strcmp(event, "connection") == 0 ||
           strcmp(event, "new_namespace") == 0 || sio_server_side_is_inner(sio_view_of(event));
}

static int
refuse_reserved(const sio_namespace *nsp)
{
    return sio_env_fail(nsp->env, "the name of the event is reserved");
}

static int
server_handler_set(sio_namespace *nsp, const char *event, sio_server_side_fn fn, void *arg)
{
    server_handler *h = server_handler_find(nsp, sio_view_of(event));

    if (h == NULL && (h = server_handler_new(nsp, event)) == NULL)
        return sio_env_fail_memory(nsp->env);
    h->fn = fn;
    h->arg = arg;
    return 0;
}

int
sio_on_server_side(sio_namespace *nsp, const char *event, sio_server_side_fn fn, void *arg)
{
    if (is_reserved(event))
        return refuse_reserved(nsp);
    return server_handler_set(nsp, event, fn, arg);
}

void
sio_server_side_free_handlers(sio_namespace *nsp)
{
    while (!sio_link_empty(&nsp->server_handlers)) {
        sio_link *first = nsp->server_handlers.next;

        sio_link_remove(first);
        free(SIO_CONTAINER(first, server_handler, link));
    }
}

void
sio_server_side_hear(sio_namespace *nsp, sio_view event, sio_view args)
{
    const server_handler *h = server_handler_find(nsp, event);

    if (h == NULL && nsp->parent != NULL)
        h = server_handler_find(nsp->parent, event);
    if (args.len == 0)
        args = SIO_VIEW("[]");
    if (h != NULL && h->fn != NULL)
        h->fn(nsp, args.data, args.len, h->arg);
}

/* --- Saying. --- */

static int
check_arguments(const sio_namespace *nsp, const char *args_json, sio_view *args)
{
    const sio_arguments given = {.json = sio_view_of(args_json)};
    sio_packet          p;

    if (given.json.len > MAX_BYTES)
        return sio_env_fail(nsp->env, "the arguments are longer than 1 MiB");
    if (sio_adapter_check(nsp) != 0 || sio_arguments_check(nsp->env, &given, &p) != 0)
        return -1;
    *args = p.args;
    return 0;
}

int
sio_server_side_check(const sio_namespace *nsp, const char *event, const char *args_json,
                      sio_view *args)
{
    return is_reserved(event) ? refuse_reserved(nsp) : check_arguments(nsp, args_json, args);
}

static int
tell_others(sio_namespace *nsp, const char *event, const char *args_json)
{
    const sio_adapter *others = sio_adapter_for(nsp, NULL);
    sio_view           args;
    int                rc = SIO_OK;

    if (check_arguments(nsp, args_json, &args) != 0)
        return -1;
    if (others != NULL && others->server_side != NULL)
        rc = others->server_side(nsp, sio_view_of(event), args, 0, 0);
    if (rc == SIO_ERR_NOMEM)
        return sio_env_fail_memory(nsp->env);
    return rc == SIO_BAD ? -1 : 0; /* that Redis is away is counted, and no fault of the caller */
}

int
sio_server_side_emit(sio_namespace *nsp, const char *event, const char *args_json)
{
    return is_reserved(event) ? refuse_reserved(nsp) : tell_others(nsp, event, args_json);
}

const sio_inner_events sio_server_side_inner_events = {.emit = tell_others,
                                                       .on = server_handler_set};
