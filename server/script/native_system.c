#include "server/script/native.h"
#include "server/script/native_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "store/clock.h"

/* log(level, text) */
static JSValue
native_log(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    int32_t          level;
    const char      *text;

    (void)self, (void)n_args;
    if (JS_ToInt32(context, &level, args[0]) != 0)
        return JS_EXCEPTION;
    if ((text = JS_ToCString(context, args[1])) == NULL)
        return JS_EXCEPTION;
    sio_log_line(in->io, level, text);
    JS_FreeCString(context, text);
    return JS_UNDEFINED;
}

/* write(descriptor, text or bytes): for process.stdout, process.stderr and console */
static JSValue
native_write(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    int32_t          descriptor;
    sio_native_bytes bytes;
    bool             is_written;

    (void)self, (void)n_args;
    if (JS_ToInt32(context, &descriptor, args[0]) != 0 ||
        sio_native_bytes_take(context, args[1], &bytes) != 0)
        return JS_EXCEPTION;
    is_written =
        sio_output_write(descriptor == STDOUT_FILENO ? &in->out : &in->err, in->io, bytes.view);
    sio_native_bytes_free(context, &bytes);
    return JS_NewBool(context, is_written);
}

/* No `finally` of the script runs, either. */
static JSValue
throw_uncatchable(JSContext *context)
{
    JSValue error;

    JS_ThrowInternalError(context, "the script has ended");
    error = JS_GetException(context);
    if (JS_IsObject(error))
        JS_SetUncatchableError(context, error, 1);
    return JS_Throw(context, error);
}

/* exit(status) */
static JSValue
native_exit(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    int32_t status;

    (void)self, (void)n_args;
    if (JS_ToInt32(context, &status, args[0]) != 0)
        return JS_EXCEPTION;
    sio_interpreter_end(sio_interpreter_of(context), status & 0xff);
    return throw_uncatchable(context);
}

static JSValue
native_env(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    JSValue env = JS_NewObject(context);

    (void)self, (void)n_args, (void)args;
    for (char **e = environ; *e != NULL && JS_IsObject(env); e++) {
        const char *is = strchr(*e, '=');
        JSAtom      name;

        if (is == NULL)
            continue;
        name = JS_NewAtomLen(context, *e, (size_t)(is - *e));
        JS_DefinePropertyValue(context, env, name, JS_NewString(context, is + 1), JS_PROP_C_W_E);
        JS_FreeAtom(context, name);
    }
    return env;
}

static JSValue
native_cwd(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    char   *path = getcwd(NULL, 0);
    JSValue result = path != NULL ? JS_NewString(context, path)
                                  : JS_ThrowInternalError(context, "the folder is gone");

    (void)self, (void)n_args, (void)args;
    free(path);
    return result;
}

/* Microseconds of a clock that nobody sets. */
static JSValue
native_now_us(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    return JS_NewInt64(context, (int64_t)sio_now_us());
}

/* nowMs(): the clock of timers */
static JSValue
native_now_ms(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    return JS_NewInt64(context, (int64_t)sio_now_ms());
}

static JSValue
run_job(JSContext *context, int n_args, JSValueConst *args)
{
    (void)n_args;
    return JS_Call(context, args[0], JS_UNDEFINED, 0, NULL);
}

/* queueJob(fn): beside what promises put off */
static JSValue
native_queue_job(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args;
    return JS_EnqueueJob(context, run_job, 1, args) == 0 ? JS_UNDEFINED : JS_EXCEPTION;
}

/* worker(): the number of this process, or undefined: there are no others */
static JSValue
native_worker(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const int number = sio_interpreter_of(context)->worker;

    (void)self, (void)n_args, (void)args;
    return number >= 0 ? JS_NewInt32(context, number) : JS_UNDEFINED;
}

static JSValue
native_pid(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    return JS_NewInt32(context, getpid());
}

static JSValue
native_version(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    return JS_NewString(context, SIO_VERSION);
}

static JSValue
native_memory(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    JSMemoryUsage usage;
    JSValue       result = JS_NewObject(context);

    (void)self, (void)n_args, (void)args;
    JS_ComputeMemoryUsage(JS_GetRuntime(context), &usage);
    JS_DefinePropertyValueStr(context, result, "heapTotal", JS_NewInt64(context, usage.malloc_size),
                              JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(context, result, "heapUsed",
                              JS_NewInt64(context, usage.memory_used_size), JS_PROP_C_W_E);
    return result;
}

/* collect(): free what only its own circle holds */
static JSValue
native_collect(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    JS_RunGC(JS_GetRuntime(context));
    return JS_UNDEFINED;
}

static JSValue
native_host_name(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    struct utsname is;

    (void)self, (void)n_args, (void)args;
    return JS_NewString(context, uname(&is) == 0 ? is.nodename : "");
}

static JSValue
native_machine(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    struct utsname is;

    (void)self, (void)n_args, (void)args;
    return JS_NewString(context, uname(&is) == 0 ? is.machine : "");
}

static JSValue
native_processors(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    return JS_NewInt64(context, sysconf(_SC_NPROCESSORS_ONLN));
}

/* bytesOfText(text): an ArrayBuffer */
static JSValue
native_bytes_of_text(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    size_t      len;
    const char *text = JS_ToCStringLen(context, &len, args[0]);
    JSValue     result;

    (void)self, (void)n_args;
    if (text == NULL)
        return JS_EXCEPTION;
    result = JS_NewArrayBufferCopy(context, (const uint8_t *)text, len);
    JS_FreeCString(context, text);
    return result;
}

/* textOfBytes(ArrayBuffer, from, length): what is no UTF-8 becomes U+FFFD. */
static JSValue
native_text_of_bytes(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    size_t   size;
    uint8_t *bytes = JS_GetArrayBuffer(context, &size, args[0]);
    uint32_t from, length;

    (void)self, (void)n_args;
    if ((bytes == NULL && size > 0) || JS_ToUint32(context, &from, args[1]) != 0 ||
        JS_ToUint32(context, &length, args[2]) != 0)
        return JS_EXCEPTION;
    if (from > size || length > size - from)
        return JS_ThrowRangeError(context, "out of range");
    return JS_NewStringLen(context, length > 0 ? (const char *)bytes + from : "", length);
}

/* promiseState(promise): ["pending"], ["fulfilled", value] or ["rejected", reason] */
static JSValue
native_promise_state(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const JSPromiseStateEnum state = JS_PromiseState(context, args[0]);
    JSValue                  result = JS_NewArray(context);
    const char              *word = state == JS_PROMISE_FULFILLED  ? "fulfilled"
                                    : state == JS_PROMISE_REJECTED ? "rejected"
                                                                   : "pending";

    (void)self, (void)n_args;
    JS_SetPropertyUint32(context, result, 0, JS_NewString(context, word));
    if (state == JS_PROMISE_FULFILLED || state == JS_PROMISE_REJECTED)
        JS_SetPropertyUint32(context, result, 1, JS_PromiseResult(context, args[0]));
    return result;
}

/* hook(name, fn): C calls fn; see the callers of sio_interpreter_call_hook(). */
static JSValue
native_hook(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *name = JS_ToCString(context, args[0]);
    int         rc = -1;

    (void)self, (void)n_args;
    if (name != NULL)
        rc = JS_SetPropertyStr(context, sio_interpreter_of(context)->hooks, name,
                               JS_DupValue(context, args[1]));
    JS_FreeCString(context, name);
    return rc < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* putOff(): the hook "ticks" has something to do before C goes on. */
static JSValue
native_put_off(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args, (void)args;
    sio_interpreter_of(context)->has_ticks = true;
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("log", 2, native_log),
    SIO_NATIVE_ENTRY("putOff", 0, native_put_off),
    SIO_NATIVE_ENTRY("write", 2, native_write),
    SIO_NATIVE_ENTRY("exit", 1, native_exit),
    SIO_NATIVE_ENTRY("env", 0, native_env),
    SIO_NATIVE_ENTRY("cwd", 0, native_cwd),
    SIO_NATIVE_ENTRY("nowUs", 0, native_now_us),
    SIO_NATIVE_ENTRY("nowMs", 0, native_now_ms),
    SIO_NATIVE_ENTRY("queueJob", 1, native_queue_job),
    SIO_NATIVE_ENTRY("pid", 0, native_pid),
    SIO_NATIVE_ENTRY("worker", 0, native_worker),
    SIO_NATIVE_ENTRY("memory", 0, native_memory),
    SIO_NATIVE_ENTRY("collect", 0, native_collect),
    SIO_NATIVE_ENTRY("hook", 2, native_hook),
    SIO_NATIVE_ENTRY("hostName", 0, native_host_name),
    SIO_NATIVE_ENTRY("machine", 0, native_machine),
    SIO_NATIVE_ENTRY("processors", 0, native_processors),
    SIO_NATIVE_ENTRY("bytesOfText", 1, native_bytes_of_text),
    SIO_NATIVE_ENTRY("textOfBytes", 3, native_text_of_bytes),
    SIO_NATIVE_ENTRY("version", 0, native_version),
    SIO_NATIVE_ENTRY("promiseState", 1, native_promise_state),
};

int
sio_native_system_add(sio_interpreter *in, JSValueConst native)
{
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}
