#include "server/http/client_address.h"

#include "protocol/forwarded.h"
#include "server/base/env.h"
#include "server/config/config.h"

/* The elements of all headers of one name, from the last to the first. */
typedef struct {
    const sio_http_request *head;
    sio_view                name;
    size_t                  n_headers; /* still to be looked at */
    sio_view                list;      /* what is left of the current one */
    bool                    in_list;
} elements;

static elements
elements_of(const sio_http_request *head, sio_view name)
{
    return (elements){.head = head, .name = name, .n_headers = head->n_headers};
}

static bool
find_list(elements *e)
{
    while (e->n_headers > 0) {
        e->n_headers--;
        if (sio_view_eq_nocase(e->head->headers[e->n_headers].name, e->name)) {
            e->list = e->head->headers[e->n_headers].value;
            return true;
        }
    }
    return false;
}

/* The one before the last that was returned. False: there is none. */
static bool
previous(elements *e, sio_view *element)
{
    size_t len;

    if (!e->in_list && !find_list(e))
        return false;
    len = e->list.len;
    *element = sio_forwarded_last(&e->list);
    e->in_list = e->list.len < len && e->list.len > 0;
    return true;
}

bool
sio_client_address_is_trusted(const sio_env *env, const sio_address *a)
{
    const sio_texts *networks = &env->cfg->trust_proxy;

    return sio_address_is_in(a, networks->items, networks->n);
}

static bool
is_forwarded(const sio_cfg *cfg)
{
    return sio_view_eq_nocase(sio_view_of(cfg->client_address_header), SIO_VIEW("forwarded"));
}

sio_address
sio_client_address(const sio_exchange *x, const sio_http_request *head)
{
    const sio_cfg *cfg = x->env->cfg;
    elements       told = elements_of(head, sio_view_of(cfg->client_address_header));
    sio_address    client = x->conn->peer;
    sio_view       element;

    while (sio_client_address_is_trusted(x->env, &client) && previous(&told, &element)) {
        const sio_forwarded_node node =
            is_forwarded(cfg) ? sio_forwarded_read(element).from : sio_forwarded_node_read(element);

        if (node.n_bytes == 0)
            break;
        client = sio_address_of_bytes(node.address, node.n_bytes, node.port);
    }
    return client;
}

bool
sio_client_address_is_secure(const sio_exchange *x, const sio_http_request *head)
{
    const sio_cfg *cfg = x->env->cfg;
    const bool     forwarded = is_forwarded(cfg);
    elements       told =
        elements_of(head, forwarded ? SIO_VIEW("forwarded") : SIO_VIEW("x-forwarded-proto"));
    sio_view proto;

    if (x->conn->is_secure)
        return true;
    if (!sio_client_address_is_trusted(x->env, &x->conn->peer) || !previous(&told, &proto))
        return false;
    if (forwarded)
        proto = sio_forwarded_read(proto).proto;
    return sio_view_eq_nocase(proto, SIO_VIEW("https")) ||
           sio_view_eq_nocase(proto, SIO_VIEW("wss"));
}
