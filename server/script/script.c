#include "server/script/script.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "server/script/interpreter.h"
#include "server/script/library.h"
#include "server/script/native.h"

static const sio_interpreter_limits limits = {
    .max_memory_bytes = (size_t)256 << 20,
    .warn_after_ms = 100,
};

/* source(name): of a file of lib/, or undefined */
static JSValue
native_source(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *name = JS_ToCString(context, args[0]);
    sio_view    source;
    JSValue     result = JS_UNDEFINED;

    (void)self, (void)n_args;
    if (name == NULL)
        return JS_EXCEPTION;
    if (sio_library_find(name, &source))
        result = JS_NewStringLen(context, source.data, source.len);
    JS_FreeCString(context, name);
    return result;
}

/* compile(source, path): what the source is worth, which lib/modules.js makes a function */
static JSValue
native_compile(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    size_t      len;
    const char *source = JS_ToCStringLen(context, &len, args[0]);
    const char *path = JS_ToCString(context, args[1]);
    JSValue     result = JS_EXCEPTION;

    (void)self, (void)n_args;
    if (source != NULL && path != NULL)
        result = JS_Eval(context, source, len, path, JS_EVAL_TYPE_GLOBAL);
    JS_FreeCString(context, source);
    JS_FreeCString(context, path);
    return result;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("source", 1, native_source),
    SIO_NATIVE_ENTRY("compile", 2, native_compile),
};

static JSValue
make_native(sio_interpreter *in)
{
    JSValue native = JS_NewObject(in->context);

    if (!JS_IsObject(native) || sio_native_system_add(in, native) != 0 ||
        sio_native_files_add(in, native) != 0 || sio_native_crypto_add(in, native) != 0 ||
        sio_native_timers_add(in, native) != 0 || sio_native_server_add(in, native) != 0 ||
        sio_native_many_add(in, native) != 0 || sio_native_sockets_add(in, native) != 0 ||
        sio_native_clients_add(in, native) != 0 || sio_native_guards_add(in, native) != 0)
        return JS_EXCEPTION;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return native;
}

static JSValue
make_arguments(JSContext *context, int argc, char *const argv[])
{
    JSValue list = JS_NewArray(context);

    for (int i = 0; i < argc; i++)
        JS_SetPropertyUint32(context, list, (uint32_t)i, JS_NewString(context, argv[i]));
    return list;
}

/* lib/bootstrap.js is a function of native and the arguments, and loads the rest. */
static void
start(sio_interpreter *in, int argc, char *const argv[])
{
    sio_view source;
    JSValue  fn, args[2];

    (void)sio_library_find("bootstrap", &source);
    fn = JS_Eval(in->context, source.data, source.len, "siobroker:bootstrap", JS_EVAL_TYPE_GLOBAL);
    args[0] = make_native(in);
    args[1] = make_arguments(in->context, argc, argv);
    JS_FreeValue(in->context,
                 sio_interpreter_call(in, "the start of the script", fn, JS_UNDEFINED, 2, args));
    JS_FreeValue(in->context, fn);
    JS_FreeValue(in->context, args[0]);
    JS_FreeValue(in->context, args[1]);
}

/* False: it can not listen, which is told. */
static bool
listen_now(sio_interpreter *in)
{
    if (sio_listen(in->io) != 0) {
        sio_log_line(in->io, 0, sio_error(in->io));
        in->status = 1;
        return false;
    }
    in->is_listening = true;
    JS_FreeValue(in->context, sio_interpreter_call_hook(in, "\"listening\"", "listening",
                                                        JS_UNDEFINED, 0, NULL));
    return true;
}

/* Without a listener it goes on for as long as there are timers. */
static void
run(sio_interpreter *in)
{
    while (!in->has_ended && !in->wants_to_listen && !sio_link_empty(&in->timers))
        if (event_base_loop(sio_loop(in->io), EVLOOP_ONCE) != 0)
            return;
    if (!in->has_ended && in->wants_to_listen && listen_now(in) && sio_run(in->io) != 0)
        in->status = 1;
}

int
sio_script_run(sio_server *io, int argc, char *const argv[], int i_file)
{
    sio_interpreter *in = sio_interpreter_new(io, &limits);
    int              status;

    if (in == NULL) {
        sio_log_line(io, 0, "out of memory");
        sio_server_free(io);
        return 1;
    }
    in->n_options = i_file;
    in->options = argv;
    start(in, argc - i_file, argv + i_file);
    run(in);
    status = in->status;
    in->has_ended = true;
    sio_native_timers_free(in);
    sio_native_clients_drop_acks(in);
    sio_server_free(io); /* tells of sessions that are left */
    sio_native_clients_free(in);
    sio_native_guards_free(in);
    sio_interpreter_free(in);
    return status;
}
