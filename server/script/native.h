/*
 * server/script/native.h - what lib/ may call of C: functions of one object, `native`.
 *
 * Only files of lib/ are given it, so their arguments are of the right kinds but where they hand
 * something of the script through. Each file native_*.c adds its functions.
 */
#ifndef SIO_SCRIPT_NATIVE_H
#define SIO_SCRIPT_NATIVE_H

#include "server/script/interpreter.h"

#define SIO_NATIVE_ENTRY(name, n_args, fn)                              \
    {                                                                   \
        name, JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE, JS_DEF_CFUNC, 0, \
        {                                                               \
            .func = { n_args, JS_CFUNC_generic, {.generic = fn} }       \
        }                                                               \
    }

/*
 * A class whose objects have these methods; *id is set. 0, or -1: no memory. def lives as long as
 * the interpreter.
 */
int sio_native_add_class(sio_interpreter *in, JSClassID *id, const JSClassDef *def,
                         const JSCFunctionListEntry *methods, int n);

/* Add all functions to native. 0, or -1: no memory. */
int sio_native_system_add(sio_interpreter *in, JSValueConst native);
int sio_native_crypto_add(sio_interpreter *in, JSValueConst native);
int sio_native_files_add(sio_interpreter *in, JSValueConst native);
int sio_native_modules_add(sio_interpreter *in, JSValueConst native);
int sio_native_timers_add(sio_interpreter *in, JSValueConst native);
int sio_native_server_add(sio_interpreter *in, JSValueConst native);
int sio_native_many_add(sio_interpreter *in, JSValueConst native);
int sio_native_clients_add(sio_interpreter *in, JSValueConst native);
int sio_native_guards_add(sio_interpreter *in, JSValueConst native);
int sio_native_sockets_add(sio_interpreter *in, JSValueConst native);
int sio_native_pages_add(sio_interpreter *in, JSValueConst native);
int sio_native_instances_add(sio_interpreter *in, JSValueConst native);
int sio_native_redis_add(sio_interpreter *in, JSValueConst native);
int sio_native_outgoing_add(sio_interpreter *in, JSValueConst native);

/* The hooks are told of the clients of nsp from now on. */
void sio_native_clients_hear(sio_interpreter *in, sio_namespace *nsp);

/* Free what waits, before the interpreter is freed. */
void sio_native_timers_free(sio_interpreter *in);
void sio_native_clients_drop_acks(sio_interpreter *in);     /* also before the server */
void sio_native_guards_drop_decisions(sio_interpreter *in); /* likewise */
void sio_native_clients_free(sio_interpreter *in);
void sio_native_guards_free(sio_interpreter *in);
void sio_native_instances_free(sio_interpreter *in);
void sio_native_redis_free(sio_interpreter *in);    /* before the server */
void sio_native_outgoing_free(sio_interpreter *in); /* likewise */
void sio_native_pages_free(sio_interpreter *in);    /* after the server */

#endif
