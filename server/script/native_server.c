#include "server/script/native.h"

#include <stdlib.h>
#include <string.h>

/* set(key, json): undefined, or why not. The command line wins. */
static JSValue
native_set(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    const char      *key = JS_ToCString(context, args[0]);
    const char      *json = key != NULL ? JS_ToCString(context, args[1]) : NULL;
    JSValue          result = JS_EXCEPTION;

    (void)self, (void)n_args;
    if (json != NULL) {
        result = JS_UNDEFINED;
        if (!sio_is_option(in->io, key) && sio_set(in->io, key, json) != 0)
            result = JS_NewString(context, sio_error(in->io));
    }
    JS_FreeCString(context, key);
    JS_FreeCString(context, json);
    return result;
}

/* get(key): JSON, or undefined: there is no such setting. */
static JSValue
native_get(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *key = JS_ToCString(context, args[0]);
    char       *json;
    JSValue     result;

    (void)self, (void)n_args;
    if (key == NULL)
        return JS_EXCEPTION;
    json = sio_get(sio_interpreter_of(context)->io, key);
    JS_FreeCString(context, key);
    result = json != NULL ? JS_NewString(context, json) : JS_UNDEFINED;
    free(json);
    return result;
}

/* counters(): as JSON text */
static JSValue
native_counters(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    char   *json = sio_counters(sio_interpreter_of(context)->io);
    JSValue result = json != NULL ? JS_NewString(context, json) : JS_ThrowOutOfMemory(context);

    (void)self, (void)n_args, (void)args;
    free(json);
    return result;
}

/* isGiven(key): does the command line say it? */
static JSValue
native_is_given(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *key = JS_ToCString(context, args[0]);
    bool        is_given;

    (void)self, (void)n_args;
    if (key == NULL)
        return JS_EXCEPTION;
    is_given = sio_is_option(sio_interpreter_of(context)->io, key);
    JS_FreeCString(context, key);
    return JS_NewBool(context, is_given);
}

/* listen(): at the end of what runs now, since settings may follow. */
static JSValue
native_listen(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    sio_interpreter_of(context)->wants_to_listen = true;
    return JS_UNDEFINED;
}

static JSValue
native_is_listening(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    return JS_NewBool(context, sio_interpreter_of(context)->is_listening);
}

static JSValue
native_port(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    return JS_NewUint32(context, sio_port(sio_interpreter_of(context)->io));
}

static JSValue
native_stop(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);

    (void)self, (void)n_args, (void)args;
    in->is_closed = true;
    sio_stop(in->io);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("set", 2, native_set),
    SIO_NATIVE_ENTRY("get", 1, native_get),
    SIO_NATIVE_ENTRY("counters", 0, native_counters),
    SIO_NATIVE_ENTRY("isGiven", 1, native_is_given),
    SIO_NATIVE_ENTRY("listen", 0, native_listen),
    SIO_NATIVE_ENTRY("isListening", 0, native_is_listening),
    SIO_NATIVE_ENTRY("port", 0, native_port),
    SIO_NATIVE_ENTRY("stop", 0, native_stop),
};

int
sio_native_server_add(sio_interpreter *in, JSValueConst native)
{
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}
