#include "server/socketio/client_data.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/dialects.h"
#include "server/socketio/namespace.h"

/* The application waits for the store. */
typedef struct {
    sio_link       link; /* in socket->data_requests */
    sio_socket    *socket;
    sio_store_req *pending;
    sio_data_fn    fn; /* may be NULL */
    void          *arg;
} data_request;

/* NULL: there is nobody to ask for, or fn has been told that there is no memory. */
static data_request *
request_new(sio_socket *socket, sio_data_fn fn, void *arg)
{
    data_request *r;

    if (!socket->connected)
        return NULL;
    if ((r = calloc(1, sizeof *r)) == NULL) {
        if (fn != NULL)
            fn(socket, SIO_DATA_FAILED, NULL, arg);
        return NULL;
    }
    r->socket = socket;
    r->fn = fn;
    r->arg = arg;
    sio_link_init(&r->link);
    sio_link_append(&socket->data_requests, &r->link);
    return r;
}

static void
client_data_request_free(data_request *r)
{
    sio_link_remove(&r->link);
    free(r);
}

/* pending: what the store returned; NULL: it has called back already, and r is gone. */
static void
await(data_request *r, sio_store_req *pending)
{
    if (pending != NULL)
        r->pending = pending;
}

void
sio_client_data_abandon(sio_socket *socket)
{
    sio_link *next;

    for (sio_link *l = socket->data_requests.next; l != &socket->data_requests; l = next) {
        data_request *r = SIO_CONTAINER(l, data_request, link);

        next = l->next;
        sio_store_cancel(r->pending);
        client_data_request_free(r);
    }
}

/* --- Answers of the store. --- */

static sio_data_result
result_of(sio_env *env, int rc)
{
    switch (rc) {
    case SIO_OK:
        return SIO_DATA_OK;
    case SIO_ERR_NOT_FOUND:
        return SIO_DATA_ABSENT;
    case SIO_ERR_FULL:
        env->stats.stored_full++;
        return SIO_DATA_FULL;
    default:
        env->stats.stored_failed++;
        return SIO_DATA_FAILED;
    }
}

/* The last thing done for r: the callback may end the session. */
static void
client_data_finish(data_request *r, int rc, const char *value)
{
    const data_request    done = *r;
    const sio_data_result result = result_of(r->socket->nsp->env, rc);

    client_data_request_free(r);
    if (done.fn != NULL)
        done.fn(done.socket, result, value, done.arg);
}

static void
on_done(void *arg, int rc)
{
    client_data_finish(arg, rc, NULL);
}

static void
on_value(void *arg, int rc, sio_view value)
{
    char *text = NULL;

    if (rc == SIO_OK && sio_view_has_nul(value)) /* of another program; it would be cut short */
        rc = SIO_BAD;
    if (rc == SIO_OK && (text = strndup(value.len > 0 ? value.data : "", value.len)) == NULL)
        rc = SIO_ERR_NOMEM;
    client_data_finish(arg, rc, text);
    free(text);
}

/* --- The application's side. --- */

void
sio_data_set(sio_socket *socket, const char *key, const char *value, sio_data_fn fn, void *arg)
{
    const sio_env                *env = socket->nsp->env;
    const sio_store_client_limits limits = {.max_keys = env->cfg->max_stored_keys,
                                            .max_bytes = env->cfg->max_stored_bytes};
    data_request *const           r = request_new(socket, fn, arg);

    if (r != NULL)
        await(r, sio_store_client_set(env->store, socket->session->node.key, sio_view_of(key),
                                      sio_view_of(value), &limits, on_done, r));
}

void
sio_data_get(sio_socket *socket, const char *key, sio_data_fn fn, void *arg)
{
    data_request *const r = request_new(socket, fn, arg);

    if (r != NULL)
        await(r, sio_store_client_get(socket->nsp->env->store, socket->session->node.key,
                                      sio_view_of(key), on_value, r));
}

void
sio_data_has(sio_socket *socket, const char *key, sio_data_fn fn, void *arg)
{
    data_request *const r = request_new(socket, fn, arg);

    if (r != NULL)
        await(r, sio_store_client_has(socket->nsp->env->store, socket->session->node.key,
                                      sio_view_of(key), on_done, r));
}

void
sio_data_del(sio_socket *socket, const char *key, sio_data_fn fn, void *arg)
{
    data_request *const r = request_new(socket, fn, arg);

    if (r != NULL)
        await(r, sio_store_client_del(socket->nsp->env->store, socket->session->node.key,
                                      sio_view_of(key), on_done, r));
}

/* --- The end of a session, and its return. --- */

static void
on_inherited(void *arg, int rc)
{
    (void)result_of(arg, rc); /* which counts failures */
}

void
sio_client_data_inherit(sio_session *session, sio_view from)
{
    sio_env *env = session->env;

    (void)sio_store_client_inherit(env->store, session->node.key, from, on_inherited, env);
}

/* Who may come back has to find them. */
static unsigned
expiration_ms(const sio_session *session)
{
    const sio_cfg *cfg = session->env->cfg;
    const unsigned ms = sio_packet_dialect_of(session)->recovers ? cfg->max_disconnection_ms : 0;

    return ms > cfg->client_store_expiration_ms ? ms : cfg->client_store_expiration_ms;
}

static void
on_expiring(void *arg, int rc)
{
    sio_env *env = arg;

    (void)rc; /* without Redis: the store does it when Redis is back */
    sio_holds_release(&env->holds);
}

void
sio_client_data_expire(sio_session *session)
{
    sio_env *env = session->env;

    sio_holds_take(&env->holds);
    (void)sio_store_client_expire(env->store, sio_view_of(session->id), expiration_ms(session),
                                  on_expiring, env);
}
