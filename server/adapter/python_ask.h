/*
 * server/adapter/python_ask.h - acknowledgements of clients here, which a server in Python wants.
 *
 * Called by python.c. Each client's answer goes back to it as it comes. Rule:
 * spec/socketio-ecosystem.md, 7.
 */
#ifndef SIO_ADAPTER_PYTHON_ASK_H
#define SIO_ADAPTER_PYTHON_ASK_H

#include "protocol/python_message.h"
#include "server/socketio/rooms.h"

/* Let the sockets hear p, and tell asker (copied) how each of them acknowledges it. */
void sio_python_ask(sio_namespace *nsp, const sio_target *target, const sio_packet *p,
                    const sio_python_asker *asker);

/* Nobody is answered any more. */
void sio_python_ask_forget_all(sio_env *env);

#endif
