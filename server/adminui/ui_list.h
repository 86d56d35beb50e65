/*
 * server/adminui/ui_list.h - development mode: all sockets there are, for a page that has just
 * connected.
 */
#ifndef SIO_ADMINUI_UI_LIST_H
#define SIO_ADMINUI_UI_LIST_H

#include "server/siobroker.h"

/*
 * Send "all_sockets" to that client: those of all instances and namespaces, if there are at most
 * "max sockets"; else the first ones of this instance alone.
 */
void sio_ui_list_begin(sio_socket *socket);

#endif
