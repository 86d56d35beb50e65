/*
 * server/script/script.h - a program in JavaScript, with the modules of Node that servers of
 * socket.io use, on one server.
 */
#ifndef SIO_SCRIPT_SCRIPT_H
#define SIO_SCRIPT_SCRIPT_H

#include "server/siobroker.h"

typedef struct sio_interpreter sio_interpreter;

/*
 * A script in parts, for who turns the loop itself (tests/fuzz/): what the file does at once, with
 * argv[0] its name; worker as below; NULL: no memory. Then the end, which frees the server and
 * returns the status.
 */
sio_interpreter *sio_script_begin(sio_server *io, int argc, char *const argv[], bool is_check,
                                  int worker);
int              sio_script_end(sio_interpreter *in);

/* The first argument that is a file of JavaScript and no option, or argc: there is none. */
int sio_script_argument(int argc, char *const argv[]);

/*
 * Run the file argv[i_file], which finds what follows in process.argv, until it has nothing to wait
 * for, or the server has stopped. What the options before it have set the script can not set. It
 * returns the exit status; mistakes have been told. The server is freed in any case. worker is the
 * number of the process, of several that run the file; -1: there is one.
 */
int sio_script_run(sio_server *io, int argc, char *const argv[], int i_file, int worker);

/*
 * Compile that file and those that it requires or imports, without running them. 0, or 2: there is
 * a mistake, which has been told.
 */
int sio_script_check(sio_server *io, int argc, char *const argv[], int i_file);

/* Is one of these options --check-config, or as much of that as there is need of? */
bool sio_script_argument_is_check(int n, char *const options[]);

#endif
