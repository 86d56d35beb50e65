#include "server/socketio/client.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/socketio/client_data.h"
#include "server/socketio/connect.h"
#include "server/socketio/socket.h"

int
sio_client_init(sio_session *s, sio_view handshake)
{
    sio_client *client = sio_client_of(s);

    sio_link_init(&client->sockets);
    sio_link_init(&client->joins);
    client->handshake = strndup(handshake.data, handshake.len);
    return client->handshake != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

/* Acknowledgements, and the application's word about who joins. */
bool
sio_client_is_awaited(sio_session *s)
{
    const sio_link *sockets = &sio_client_of(s)->sockets;

    for (sio_link *l = sockets->next; l != sockets; l = l->next)
        if (SIO_CONTAINER(l, sio_socket, in_session)->n_acks > 0)
            return true;
    return !sio_link_empty(&sio_client_of(s)->joins);
}

void
sio_client_ended(sio_session *s, const char *reason)
{
    sio_link *sockets = &sio_client_of(s)->sockets;

    sio_connect_abandon(s);
    while (!sio_link_empty(sockets))
        sio_socket_leave(SIO_CONTAINER(sockets->next, sio_socket, in_session), reason);
    sio_client_data_expire(s);
}

/* Its sockets have all left. */
void
sio_client_release(sio_session *s)
{
    free(sio_client_of(s)->handshake);
}
