/* server/program.c - a whole program on siobroker.h. */
#include <stdio.h>
#include <stdlib.h>

#include "server/siobroker.h"

static int
program_fail(const sio_server *io, const char *name)
{
    fprintf(stderr, "%s: %s\n", name, sio_error(io));
    return EXIT_FAILURE;
}

/* From the settings to the end of the loop, in each process that serves. The exit status. */
static int
program_serve(sio_server *io, const char *name, int (*begin)(sio_server *io))
{
    if (begin(io) == 0 && sio_listen(io) == 0 && sio_run(io) == 0)
        return EXIT_SUCCESS;
    return program_fail(io, name);
}

static int
program_run(sio_server **io, const char *name, int (*begin)(sio_server *io))
{
    switch (sio_fork_workers(io)) {
    case 0: /* the master has ended */
        return EXIT_SUCCESS;
    case 1:
        return program_serve(*io, name, begin);
    default:
        return program_fail(*io, name);
    }
}

int
sio_program_main(int argc, char *const argv[], const sio_program *program,
                 int (*begin)(sio_server *io))
{
    sio_server *io = sio_server_new(NULL);
    int         status;

    if (io == NULL) {
        fprintf(stderr, "%s: out of memory, or no random numbers\n", program->name);
        return EXIT_FAILURE;
    }
    if ((status = sio_program_options(io, argc, argv, program)) < 0)
        status = program_run(&io, program->name, begin);
    sio_server_free(io);
    return status;
}
