/*
 * server/backends/command_set.h - the command that sets a socket's user and data.
 */
#ifndef SIO_BACKENDS_COMMAND_SET_H
#define SIO_BACKENDS_COMMAND_SET_H

#include "server/backends/command_run.h"

/* The socket is looked for, on this instance or on all; then it is told. */
void sio_command_set(const sio_command_run *r, const sio_backend_command *c);

#endif
