/*
 * server/backends/command_sockets.h - the commands about sockets, and the rooms that they are in.
 */
#ifndef SIO_BACKENDS_COMMAND_SOCKETS_H
#define SIO_BACKENDS_COMMAND_SOCKETS_H

#include "server/backends/command_run.h"

/* Each does its command, as commands.h says; move: "join" and "leave". */
void sio_command_sockets_move(const sio_command_run *r, const sio_backend_command *c);
void sio_command_sockets_disconnect(const sio_command_run *r, const sio_backend_command *c);
void sio_command_sockets_list(const sio_command_run *r, const sio_backend_command *c);
void sio_command_sockets_count(const sio_command_run *r, const sio_backend_command *c);
void sio_command_sockets_rooms(const sio_command_run *r, const sio_backend_command *c);

#endif
