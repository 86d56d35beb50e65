#include "server/transport.h"

#include <stddef.h>

static const sio_transport *const transports[] = {
    &sio_transport_websocket,   &sio_transport_flashsocket,   &sio_transport_htmlfile,
    &sio_transport_xhr_polling, &sio_transport_jsonp_polling,
};

const sio_transport *
sio_transport_find(sio_view name)
{
    for (size_t i = 0; i < sizeof transports / sizeof transports[0]; i++)
        if (sio_view_eq(sio_view_of(transports[i]->name), name))
            return transports[i];
    return NULL;
}
