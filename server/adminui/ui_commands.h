/*
 * server/adminui/ui_commands.h - what the Admin UI may do: send, move and disconnect sockets.
 *
 *     join         nsp, room, filter
 *     leave        nsp, room, filter
 *     _disconnect  nsp, close, filter
 *     emit         nsp, filter, event, arguments...
 *
 * filter is a room, or the id of a socket; missing, null or "" is everyone in nsp. Each is done on
 * all instances. None is answered: one that can not be done counts in `admin_ui_refusals`, and the
 * log says why. Unlike the original, none makes a namespace.
 */
#ifndef SIO_ADMINUI_UI_COMMANDS_H
#define SIO_ADMINUI_UI_COMMANDS_H

#include "server/siobroker.h"

/* Hear them from clients of the namespace. 0, or -1: no memory. */
int sio_ui_commands_open(sio_namespace *nsp);

#endif
