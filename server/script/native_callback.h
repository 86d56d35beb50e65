/*
 * server/script/native_callback.h - a function of the script that is called once, with an answer.
 */
#ifndef SIO_SCRIPT_NATIVE_CALLBACK_H
#define SIO_SCRIPT_NATIVE_CALLBACK_H

#include "server/script/interpreter.h"

typedef struct {
    sio_interpreter *in;
    sio_link         link; /* among those of a socket that die with it, or in no list */
    JSValue          fn;
} sio_native_callback;

/* NULL: no memory. */
sio_native_callback *sio_native_callback_new(sio_interpreter *in, JSValueConst fn);

/* Call it with arguments, which are freed, and free it. what is as of sio_interpreter_call(). */
void sio_native_callback_call(sio_native_callback *c, const char *what, int n_args, JSValue *args);

/* It will not be called. NULL is allowed. */
void sio_native_callback_free(sio_native_callback *c);

#endif
