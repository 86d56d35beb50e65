#include "server/http/side.h"

#include "server/base/env.h"
#include "server/http/http_conn.h"
#include "server/net/net.h"

static void
on_side_left(sio_env *env, sio_door *door, const sio_address *peer)
{
    (void)env;
    (void)peer;
    SIO_CONTAINER(door, sio_side_listener, door)->side->n_conns--;
}

static void
on_side_accepted(sio_listener *listener, int fd, const sio_address *peer)
{
    sio_side_listener *l = SIO_CONTAINER(listener, sio_side_listener, listener);
    sio_side          *side = l->side;
    sio_conn          *c;

    if (side->n_conns >= side->bounds.max_connections) {
        ++*side->n_refused;
        sio_net_dismiss(side->env, fd, peer, sio_http_conn_owner.refusal);
        return;
    }
    c = sio_conn_adopt(side->env, side->env->net->carrier, fd, peer, &l->door);
    if (c == NULL)
        return;
    side->n_conns++;
    sio_http_conn_start_at(c, side);
}

void
sio_side_init(sio_side *side, sio_env *env, const sio_http_service *service,
              const sio_side_bounds *bounds,
              uint64_t *n_refused) /* NOLINT(readability-non-const-parameter): it is kept */
{
    *side = (sio_side){.env = env, .service = service, .bounds = *bounds, .n_refused = n_refused};
}

int
sio_side_listen(sio_side *side, sio_view address, sio_buf *error)
{
    sio_side_listener *l = &side->listeners[side->n_listeners];
    sio_listen_address at;

    if (side->n_listeners == SIO_SIDE_MAX_LISTENERS ||
        sio_listen_address_parse(address, &at) != SIO_OK) {
        sio_buf_add_str(error, "can not listen on ");
        sio_buf_add_view(error, address);
        return SIO_ERR_SYS;
    }
    *l = (sio_side_listener){
        .door = {.left = on_side_left, .send_timeout_ms = side->bounds.timeout_ms},
        .side = side,
        .is_unix = at.is_unix,
        .is_local = sio_listen_address_is_local(&at),
    };
    if (sio_listener_open_at(&l->listener, side->env, &at, on_side_accepted, error) != SIO_OK)
        return SIO_ERR_SYS;
    side->n_listeners++;
    return SIO_OK;
}

void
sio_side_add_url(const sio_side_listener *l, sio_view address, sio_buf *out)
{
    const char *colon = memrchr(address.data, ':', address.len);

    if (l->is_unix || colon == NULL) {
        sio_buf_add_view(out, address);
        return;
    }
    sio_buf_add_str(out, "http://");
    sio_buf_add(out, address.data, (size_t)(colon + 1 - address.data));
    sio_buf_add_u64(out, l->listener.port);
    sio_buf_add_char(out, '/');
}

void
sio_side_close(sio_side *side)
{
    side->is_closed = true;
    for (unsigned i = 0; i < side->n_listeners; i++)
        sio_listener_close(&side->listeners[i].listener);
}

const sio_side_listener *
sio_side_listener_of(const sio_exchange *x)
{
    return SIO_CONTAINER(x->conn->door, sio_side_listener, door);
}
