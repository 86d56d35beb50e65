/*
 * client-demo/app1.c - app1.js of the article, in C:
 *
 *     var io = require('socket.io').listen(3100);
 *     io.sockets.on('connection', function (socket) {
 *         socket.emit('server', { server: 'Server1', port: 3100 });
 *     });
 */
#include <siobroker.h>

static void
greet(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_emit(socket, "server", "[{\"server\":\"Server1\",\"port\":3100}]");
}

int
main(int argc, char *argv[])
{
    sio_server *io = sio_server_new(NULL);
    int         status = 1;

    if (io != NULL && (status = sio_options(io, argc, argv, "app1")) < 0) {
        sio_on_connection(sio_sockets(io), greet, NULL);
        status = sio_listen(io) == 0 && sio_run(io) == 0 ? 0 : 1;
    }
    sio_server_free(io);
    return status;
}
