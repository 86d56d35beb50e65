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
main(void)
{
    sio_server *io = sio_server_new(NULL);
    int         failed = io == NULL || sio_listen(io) != 0;

    if (!failed) {
        sio_on_connection(sio_sockets(io), greet, NULL);
        failed = sio_run(io) != 0;
    }
    sio_server_free(io);
    return failed;
}
