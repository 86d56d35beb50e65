#include "server/http/client_address.h"

#include "protocol/forwarded.h"
#include "server/base/env.h"
#include "server/config/config.h"

/* The last element of all that headers of this name say. False when there is none. */
static bool
last_element(const sio_http_request *head, const char *name, sio_view *element)
{
    const sio_view wanted = sio_view_of(name);

    for (size_t i = head->n_headers; i > 0; i--) {
        sio_view list = head->headers[i - 1].value;

        if (sio_view_eq_nocase(head->headers[i - 1].name, wanted)) {
            *element = sio_forwarded_last(&list);
            return true;
        }
    }
    return false;
}

/* Whether it is an address or not: what another header says may be the client's own words. */
static sio_forwarded_node
told_node(const sio_http_request *head)
{
    sio_view element;

    if (last_element(head, "x-forwarded-for", &element))
        return sio_forwarded_node_read(element);
    if (last_element(head, "forwarded", &element))
        return sio_forwarded_read(element).from;
    if (last_element(head, "x-real-ip", &element))
        return sio_forwarded_node_read(element);
    return (sio_forwarded_node){.n_bytes = 0};
}

sio_address
sio_client_address(const sio_exchange *x, const sio_http_request *head)
{
    sio_forwarded_node node;

    if (!x->env->cfg->trust_proxy)
        return x->conn->peer;
    node = told_node(head);
    if (node.n_bytes == 0)
        return x->conn->peer;
    return sio_address_of_bytes(node.address, node.n_bytes, node.port);
}

bool
sio_client_address_is_secure(const sio_exchange *x, const sio_http_request *head)
{
    sio_view proto = SIO_VIEW(""), element;

    if (!x->env->cfg->trust_proxy)
        return false; /* TLS is not spoken here */
    if (last_element(head, "x-forwarded-proto", &element))
        proto = element;
    else if (last_element(head, "forwarded", &element))
        proto = sio_forwarded_read(element).proto;
    return sio_view_eq_nocase(proto, SIO_VIEW("https")) ||
           sio_view_eq_nocase(proto, SIO_VIEW("wss"));
}
