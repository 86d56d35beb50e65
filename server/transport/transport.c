#include "server/transport/transport.h"

#include <stddef.h>

#include "server/transport/htmlfile.h"
#include "server/transport/polling09.h"
#include "server/transport/polling_eio.h"
#include "server/transport/websocket.h"

static const sio_transport *const transports[] = {
    &sio_transport_websocket,   &sio_transport_flashsocket,   &sio_transport_htmlfile,
    &sio_transport_xhr_polling, &sio_transport_jsonp_polling,
};

static const sio_transport *const engine_transports[] = {
    &sio_transport_eio_polling,
    &sio_transport_eio_websocket,
};

static const sio_transport *
transport_find(const sio_transport *const *table, size_t n, sio_view name)
{
    for (size_t i = 0; i < n; i++)
        if (sio_view_eq(sio_view_of(table[i]->channel->name), name))
            return table[i];
    return NULL;
}

const sio_transport *
sio_transport_find(sio_view name)
{
    return transport_find(transports, sizeof transports / sizeof transports[0], name);
}

const sio_transport *
sio_transport_find_engine(sio_view name)
{
    return transport_find(engine_transports, sizeof engine_transports / sizeof engine_transports[0],
                          name);
}
