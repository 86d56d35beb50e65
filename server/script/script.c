#include "server/script/script.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/script/interpreter.h"
#include "server/script/interrupt.h"
#include "server/script/library.h"
#include "server/script/native.h"

/* A setting that is a number. */
static unsigned long long
number_of(const sio_server *io, const char *key)
{
    char                    *json = sio_get(io, key);
    const unsigned long long n = json != NULL ? strtoull(json, NULL, 10) : 0;

    free(json);
    return n;
}

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

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("source", 1, native_source),
};

/* Each adds its functions to native. */
static int (*const parts[])(sio_interpreter *in, JSValueConst native) = {
    sio_native_system_add,  sio_native_files_add,     sio_native_crypto_add,
    sio_native_modules_add, sio_native_timers_add,    sio_native_server_add,
    sio_native_many_add,    sio_native_sockets_add,   sio_native_clients_add,
    sio_native_guards_add,  sio_native_instances_add, sio_native_redis_add,
    sio_native_pages_add,   sio_native_outgoing_add,
};

static JSValue
make_native(sio_interpreter *in)
{
    JSValue native = JS_NewObject(in->context);
    bool    is_made = JS_IsObject(native);

    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && is_made; i++)
        is_made = parts[i](in, native) == 0;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    if (is_made &&
        JS_SetPropertyStr(in->context, in->hooks, "native", JS_DupValue(in->context, native)) >= 0)
        return native; /* tests/fuzz/ looks for it there */
    JS_FreeValue(in->context, native);
    return JS_EXCEPTION;
}

static JSValue
make_arguments(JSContext *context, int argc, char *const argv[])
{
    JSValue list = JS_NewArray(context);

    for (int i = 0; i < argc && JS_IsObject(list); i++)
        if (JS_SetPropertyUint32(context, list, (uint32_t)i, JS_NewString(context, argv[i])) < 0) {
            JS_FreeValue(context, list);
            list = JS_EXCEPTION;
        }
    return list;
}

/* lib/bootstrap.js is a function of native, the arguments and is_check, and loads the rest. */
static void
start(sio_interpreter *in, int argc, char *const argv[], bool is_check)
{
    sio_view source;
    JSValue  fn, args[3];

    (void)sio_library_find("bootstrap", &source);
    fn = JS_Eval(in->context, source.data, source.len, "siobroker:bootstrap", JS_EVAL_TYPE_GLOBAL);
    args[0] = make_native(in);
    args[1] = make_arguments(in->context, argc, argv);
    args[2] = JS_NewBool(in->context, is_check);
    if (JS_IsException(fn) || JS_IsException(args[0]) || JS_IsException(args[1]))
        sio_interpreter_report(in);
    else
        JS_FreeValue(in->context, sio_interpreter_call(in, "the start of the script", fn,
                                                       JS_UNDEFINED, 3, args));
    JS_FreeValue(in->context, fn);
    for (size_t i = 0; i < 3; i++)
        JS_FreeValue(in->context, args[i]);
}

/* --- Signals: process.on("SIGTERM") comes first, as in Node, and in place of what is usual. --- */

static bool
on_script_signal(int number, void *arg)
{
    sio_interpreter *in = arg;
    char             name[16];
    JSValue          args[2], is_taken;
    bool             result;

    sio_interrupt_clear();
    if (in->worker >= 0)
        sio_interrupt_unwatch(); /* its master has said it, and a service manager may, too */
    if (in->has_ended)
        return false;
    snprintf(name, sizeof name, "SIG%s", sigabbrev_np(number));
    args[0] = JS_NewString(in->context, name);
    args[1] = JS_NewInt32(in->context, number);
    is_taken = sio_interpreter_call_hook(in, "a signal", "signal", JS_UNDEFINED, 2, args);
    result = JS_VALUE_GET_TAG(is_taken) == JS_TAG_BOOL && JS_VALUE_GET_BOOL(is_taken);
    JS_FreeValue(in->context, is_taken);
    JS_FreeValue(in->context, args[0]);
    if (!result && !in->is_listening && !in->has_ended && number != SIGUSR2) {
        sio_interpreter_end(in, 128 + number); /* no server whose stop is in order */
        return true;
    }
    return result;
}

/*
 * The settings come first, as those of several servers are one list (lib/listener.js). What is wrong
 * the script is told, and may try again.
 */
static void
listen_now(sio_interpreter *in)
{
    JSValue why;

    in->wants_to_listen = false;
    JS_FreeValue(in->context, sio_interpreter_call_hook(in, "the start of a server",
                                                        "beforeListening", JS_UNDEFINED, 0, NULL));
    if (in->has_ended)
        return;
    if (sio_listen(in->io) == 0) {
        in->wants_to_listen = in->is_listening = true;
        JS_FreeValue(in->context, sio_interpreter_call_hook(in, "\"listening\"", "listening",
                                                            JS_UNDEFINED, 0, NULL));
        return;
    }
    why = JS_NewString(in->context, sio_error(in->io));
    JS_FreeValue(in->context,
                 sio_interpreter_call_hook(in, "\"error\"", "listenFailed", JS_UNDEFINED, 1, &why));
    JS_FreeValue(in->context, why);
}

/* Is there anything that the loop is to turn for? A signal that has ended a call counts. */
static bool
is_waiting(const sio_interpreter *in)
{
    return in->n_waiting > 0 || sio_interrupt_is_asked();
}

/* Something it waits for keeps a script going that has no server, or has it no more. */
static void
turn_while_waiting(sio_interpreter *in)
{
    while (!in->has_ended && is_waiting(in) && (in->is_closed || !in->wants_to_listen))
        if (event_base_loop(sio_loop(in->io), EVLOOP_ONCE) != 0)
            return;
}

/* process.on("beforeExit"), which may find something to do. */
static bool
is_over(sio_interpreter *in)
{
    if (in->has_ended || is_waiting(in))
        return in->has_ended;
    JS_FreeValue(in->context,
                 sio_interpreter_call_hook(in, "\"beforeExit\"", "idle", JS_UNDEFINED, 0, NULL));
    return in->has_ended || (!is_waiting(in) && (!in->wants_to_listen || in->is_closed));
}

/* Until nothing is left to wait for, or the server has stopped but not by the script. */
static void
run(sio_interpreter *in)
{
    do {
        turn_while_waiting(in);
        if (in->wants_to_listen && !in->is_closed && !in->has_ended)
            listen_now(in);
    } while (!in->is_listening && !is_over(in));
    if (!in->is_listening)
        return;
    if (sio_run(in->io) != 0)
        in->status = 1;
    if (!in->is_closed)
        return;
    do
        turn_while_waiting(in);
    while (!is_over(in));
}

/* process.on("exit"), unless that has been told. */
static int
tell_exit(sio_interpreter *in)
{
    JSValue status = JS_UNDEFINED;

    if (!in->has_ended) {
        JSValue now = JS_NewInt32(in->context, in->status);

        in->is_exiting = true;
        status = sio_interpreter_call_hook(in, "\"exit\"", "exit", JS_UNDEFINED, 1, &now);
    }
    if (!in->has_ended && JS_IsNumber(status))
        (void)JS_ToInt32(in->context, &in->status, status);
    JS_FreeValue(in->context, status);
    return in->status & 0xff;
}

sio_interpreter *
sio_script_begin(sio_server *io, int argc, char *const argv[], bool is_check, int worker)
{
    const sio_interpreter_limits limits = {.max_memory_bytes = number_of(io, "script max memory"),
                                           .warn_after_ms =
                                               (unsigned)number_of(io, "script warn after")};
    sio_interpreter             *in = sio_interpreter_new(io, &limits);

    if (in == NULL || (!is_check && sio_on_signal(io, on_script_signal, in) != 0)) {
        sio_log_line(io, 0, "out of memory");
        sio_interpreter_free(in);
        return NULL;
    }
    if (!is_check)
        sio_interrupt_watch(); /* beside those who handle signals by now */
    in->worker = worker;
    start(in, argc, argv, is_check);
    return in;
}

int
sio_script_end(sio_interpreter *in)
{
    const int status = tell_exit(in);

    in->has_ended = true;
    sio_native_timers_free(in);
    sio_native_clients_drop_acks(in);
    sio_native_guards_drop_decisions(in);
    sio_native_redis_free(in); /* they are on the loop of the server */
    sio_native_outgoing_free(in);
    sio_server_free(in->io); /* tells of sessions that are left */
    sio_native_clients_free(in);
    sio_native_guards_free(in);
    sio_native_instances_free(in);
    sio_native_pages_free(in);
    sio_interpreter_free(in);
    return status;
}

static int
run_script(sio_server *io, int argc, char *const argv[], bool is_check, int worker)
{
    sio_interpreter *in = sio_script_begin(io, argc, argv, is_check, worker);

    if (in == NULL) {
        sio_server_free(io);
        return 1;
    }
    run(in);
    return sio_script_end(in);
}

int
sio_script_run(sio_server *io, int argc, char *const argv[], int i_file, int worker)
{
    return run_script(io, argc - i_file, argv + i_file, false, worker);
}

int
sio_script_check(sio_server *io, int argc, char *const argv[], int i_file)
{
    return run_script(io, argc - i_file, argv + i_file, true, -1);
}
