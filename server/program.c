/* server/program.c - a whole program on siobroker.h. */
#include <stdio.h>
#include <stdlib.h>

#include "server/siobroker.h"

/* From the settings to the end of the loop. The exit status. */
static int
program_serve(sio_server *io, const char *name, int (*begin)(sio_server *io))
{
    if (begin(io) == 0 && sio_listen(io) == 0 && sio_run(io) == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "%s: %s\n", name, sio_error(io));
    return EXIT_FAILURE;
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
        status = program_serve(io, program->name, begin);
    sio_server_free(io);
    return status;
}
