/*
 * server/main.c - the program siobroker: the seed's app1.js, with options.
 *
 * A small application on siobroker.h and nothing else.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/siobroker.h"

static void
greet(sio_socket *socket, void *greeting)
{
    sio_emit(socket, "server", greeting);
}

/* [{"server":NAME,"port":PORT}], or NULL. The caller frees it. */
static char *
make_greeting(const sio_server *io)
{
    char *name = sio_get(io, "name");
    char *greeting = NULL;

    if (name != NULL &&
        asprintf(&greeting, "[{\"server\":%s,\"port\":%u}]", name, sio_port(io)) < 0)
        greeting = NULL;
    free(name);
    return greeting;
}

static int
serve(sio_server *io)
{
    char *wanted = sio_get(io, "greeting");
    char *greeting = make_greeting(io);
    int   rc = 1;

    if (wanted != NULL && greeting != NULL) {
        if (strcmp(wanted, "true") == 0)
            sio_on_connection(sio_sockets(io), greet, greeting);
        rc = sio_run(io) == 0 ? 0 : 1;
    }
    sio_server_free(io); /* before the greeting, which its callbacks use */
    free(wanted);
    free(greeting);
    return rc;
}

/*
 * Started with standard error closed: no connection may get its number, and the log written to it.
 */
static void
occupy_standard_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* ps shows the command line to everybody: what stands before the host of a URL leaves it again. */
static void
hide_logins(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        char *at = strrchr(argv[i], '@'), *login = strstr(argv[i], "//");

        if (login != NULL && at != NULL && login + 2 < at)
            memset(login + 2, 'x', (size_t)(at - login) - 2);
    }
}

int
main(int argc, char *argv[])
{
    sio_server *io;
    int         status;

    occupy_standard_descriptors();
    if ((io = sio_server_new(NULL)) == NULL) {
        fprintf(stderr, "siobroker: out of memory\n");
        return 1;
    }
    status = sio_options(io, argc, argv, SIO_VERSION);
    hide_logins(argc, argv);
    if (status < 0) {
        if (sio_listen(io) == 0)
            return serve(io);
        sio_log_line(io, 0, sio_error(io));
        status = 1;
    }
    sio_server_free(io);
    return status;
}
