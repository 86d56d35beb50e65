#include "server/socketio/extra.h"

#include <stdlib.h>

sio_extra *
sio_extra_of(sio_socket *socket)
{
    if (socket->extra != NULL)
        return socket->extra;
    if ((socket->extra = calloc(1, sizeof *socket->extra)) != NULL)
        sio_link_init(&socket->extra->tokens);
    return socket->extra;
}

void
sio_extra_free(sio_socket *socket)
{
    if (socket->extra != NULL)
        free(socket->extra->data);
    free(socket->extra);
}
