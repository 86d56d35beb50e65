/*
 * server/backends/command_events.h - the commands that send: events, questions, acknowledgements.
 */
#ifndef SIO_BACKENDS_COMMAND_EVENTS_H
#define SIO_BACKENDS_COMMAND_EVENTS_H

#include "server/backends/command_run.h"

/* Each does its command, as commands.h says. */
void sio_command_events_emit(const sio_command_run *r, const sio_backend_command *c);
void sio_command_events_ask(const sio_command_run *r, const sio_backend_command *c);
void sio_command_events_ack(const sio_command_run *r, const sio_backend_command *c);

#endif
