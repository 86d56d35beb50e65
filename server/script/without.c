/* The program without an interpreter ("make SCRIPT=0"): a script is recognised, and refused. */
#include <stdio.h>

#include "server/script/script.h"

int
sio_script_run(sio_server *io, int argc, char *const argv[], int i_file, int worker)
{
    (void)argc, (void)worker;
    fprintf(stderr,
            "siobroker: %s: this siobroker was built without scripts; \"make\" without SCRIPT=0 "
            "builds one that runs them\n",
            argv[i_file]);
    sio_server_free(io);
    return 2;
}

int
sio_script_check(sio_server *io, int argc, char *const argv[], int i_file)
{
    return sio_script_run(io, argc, argv, i_file, -1);
}
