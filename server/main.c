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
#include "server/master.h"
#include "server/script/script.h"
#include "server/siobroker.h"

static void
greet(sio_socket *socket, void *io)
{
    sio_emitf(socket, "server", "{\"server\":%s,\"port\":%u}", sio_name(io), sio_port(io));
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
set_greeting(void *io)
{
    sio_on_connection(sio_sockets(io), is_setting(io, "greeting", "true") ? greet : NULL, io);
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
fail(sio_server *io)
{
    sio_log_line(io, 0, sio_error(io));
    sio_server_free(io);
    return 1;
}

static int
end_master(sio_server *io)
{
    sio_server_free(io);
    return 0;
}

/* In each process that serves. */
static int
serve(sio_server *io)
{
    int rc;

    if (sio_listen(io) != 0)
        return fail(io);
    if (is_setting(io, "backends", "[]")) { /* else these say what clients are told */
        set_greeting(io);
        sio_on_reload(io, set_greeting, io);
    }
    rc = sio_run(io) == 0 ? 0 : 1;
    hold_signals();
    sio_server_free(io);
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

/* In each worker, if there are any: a program says where it listens when it runs. */
static int
run_script(sio_server *io, int argc, char *const argv[], int i_script)
{
    const int rc = sio_master_fork_late(&io);

    if (rc > 0)
        return sio_script_run(io, argc, argv, i_script, sio_master_worker_number(io));
    return rc < 0 ? fail(io) : end_master(io);
}

/* The status is that of the options: 0, all is well and they wanted no more; or -1, to run. */
static int
use_script(sio_server *io, int status, int argc, char *const argv[], int i_script)
{
    if (status < 0)
        return run_script(io, argc, argv, i_script);
    if (sio_script_argument_is_check(i_script, argv))
        return sio_script_check(io, argc, argv, i_script);
    sio_server_free(io); /* --help and so on */
    return status;
}

/* In each worker, if there are any. */
static int
run(sio_server *io)
{
    const int rc = sio_fork_workers(&io);

    if (rc > 0)
        return serve(io);
    return rc < 0 ? fail(io) : end_master(io);
}

int
main(int argc, char *argv[])
{
    sio_server *io;
    int         status, i_script;

    occupy_standard_descriptors();
    i_script = sio_script_argument(argc, argv);
    if (i_script == argc && (status = sio_cli_run(argc, argv)) >= 0)
        return status;
    if ((io = sio_server_new(NULL)) == NULL) {
        fprintf(stderr, "siobroker: out of memory\n");
        return 1;
    }
    status = sio_options(io, i_script, argv, SIO_VERSION);
    hide_logins(i_script, argv);
    if (status <= 0 && i_script < argc)
        return use_script(io, status, argc, argv, i_script);
    if (status < 0)
        return run(io);
    sio_server_free(io);
    return status;
}
