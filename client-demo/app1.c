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

static int
begin(sio_server *io)
{
    sio_on_connection(sio_sockets(io), greet, NULL);
    return 0;
}

int
main(int argc, char *argv[])
{
    static const sio_program app1 = {.name = "app1", .version = "example"};

    return sio_program_main(argc, argv, &app1, begin);
}
