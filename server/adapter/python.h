/*
 * server/adapter/python.h - this instance among servers of python-socketio, and programs in Python
 * that write to them (write-only managers): the setting "dialect": "python-socketio".
 *
 * All of them share one channel of Redis. What they say there reaches the clients here, and what is
 * said here reaches theirs. The instances of siobroker go on telling each other everything on their
 * own channel (native.h), as that knows more, and pass over what they say on this one: each
 * broadcast arrives once.
 *
 * Python can not be asked who is where, so questions are for instances of siobroker alone. Messages
 * in pickle, which versions before 5.14 write, are programs: they are refused, and counted.
 *
 * Rules: spec/socketio-ecosystem.md, 7. In another dialect nothing here does anything.
 */
#ifndef SIO_ADAPTER_PYTHON_H
#define SIO_ADAPTER_PYTHON_H

#include "protocol/list.h"
#include "protocol/python_message.h"
#include "server/socketio/adapter.h"

/* As long as those of Python, in hexadecimal digits. */
enum { SIO_PYTHON_HOST_ID_LEN = 32 };

typedef struct {
    bool              is_open;
    bool              has_complained, has_refused;
    char              host_id[SIO_PYTHON_HOST_ID_LEN + 1];
    const char       *channels[2]; /* that is heard; ended by NULL */
    sio_adapter       adapter;
    sio_python_reader reader;
    sio_buf           message, rooms; /* being written */
    sio_link          asked;          /* of python_ask.c: clients here, by others */
    size_t            n_asked;
} sio_python;

/* Do the settings say so? */
bool sio_python_is_chosen(const sio_env *env);

/* Begin to hear the others. The store is open. SIO_OK or a failure. */
int sio_python_join(sio_env *env);

/* The server ends: nobody is answered any more. */
void sio_python_settle(sio_env *env);

/* When nothing is left that could tell anything. */
void sio_python_fini(sio_env *env);

#endif
