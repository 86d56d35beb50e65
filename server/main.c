/*
 * server/main.c - the program siobroker: the seed's app1.js, with options.
 *
 * A small application on siobroker.h; and the commands of cli/, which run no broker.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/cli/cli.h"
#include "server/siobroker.h"

typedef struct {
    sio_server *io;
    char       *text; /* [{"server":NAME,"port":PORT}] */
} greeting;

static void
greet(sio_socket *socket, void *arg)
{
    const greeting *g = arg;

    sio_emit(socket, "server", g->text);
}

/* 0, or -1: out of memory. */
static int
greeting_init(greeting *g, sio_server *io)
{
    char *name = sio_get(io, "name");
    int   n = -1;

    g->io = io;
    if (name != NULL)
        n = asprintf(&g->text, "[{\"server\":%s,\"port\":%u}]", name, sio_port(io));
    free(name);
    return n < 0 ? -1 : 0;
}

static bool
is_setting(const sio_server *io, const char *key, const char *value)
{
    char      *is = sio_get(io, key);
    const bool is_it = is != NULL && strcmp(is, value) == 0;

    free(is);
    return is_it;
}

/* As the setting says, now and after each reload. */
static void
set_greeting(void *arg)
{
    greeting  *g = arg;
    const bool is_on = is_setting(g->io, "greeting", "true");

    sio_on_connection(sio_sockets(g->io), is_on ? greet : NULL, g);
}

/* It has stopped, and only frees its memory: one more signal must not look like a crash. */
static void
hold_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static int
serve(sio_server *io)
{
    greeting g = {NULL, NULL};
    int      rc = 1;

    if (greeting_init(&g, io) == 0) {
        if (is_setting(io, "backends", "[]")) { /* else these say what clients are told */
            set_greeting(&g);
            sio_on_reload(io, set_greeting, &g);
        }
        rc = sio_run(io) == 0 ? 0 : 1;
        hold_signals();
    }
    sio_server_free(io); /* before the greeting, which its callbacks use */
    free(g.text);
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
    if ((status = sio_cli_run(argc, argv)) >= 0)
        return status;
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
