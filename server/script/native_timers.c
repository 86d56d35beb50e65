#include "server/script/native.h"

/*
 * lib/timers.js has the timers, in their order; C wakes it when the next one is due. Each is called
 * by itself, so that what it puts off runs before the next one.
 */
static void
on_alarm(void *arg)
{
    sio_interpreter *in = arg;
    JSValue          is_one;
    bool             is_more = true;

    in->alarm = NULL;
    while (is_more && !in->has_ended) {
        is_one = sio_interpreter_call_hook(in, "a timer", "timer", JS_UNDEFINED, 0, NULL);
        is_more = JS_VALUE_GET_TAG(is_one) != JS_TAG_BOOL || JS_VALUE_GET_BOOL(is_one);
        JS_FreeValue(in->context, is_one);
    }
}

/* wakeAfter(ms): call the hook "timer" until it returns false; in place of an earlier wish. */
static JSValue
native_wake_after(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    uint32_t         ms;

    (void)self, (void)n_args;
    if (JS_ToUint32(context, &ms, args[0]) != 0)
        return JS_EXCEPTION;
    sio_cancel(in->alarm);
    in->alarm = sio_after(in->io, ms, on_alarm, in);
    return in->alarm != NULL ? JS_UNDEFINED : JS_ThrowOutOfMemory(context);
}

/* wait(n): the script goes on for so many more things, or fewer. */
static JSValue
native_wait(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    int32_t          n;

    (void)self, (void)n_args;
    if (JS_ToInt32(context, &n, args[0]) != 0)
        return JS_EXCEPTION;
    in->n_waiting += (unsigned)n;
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("wakeAfter", 1, native_wake_after),
    SIO_NATIVE_ENTRY("wait", 1, native_wait),
};

int
sio_native_timers_add(sio_interpreter *in, JSValueConst native)
{
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}

void
sio_native_timers_free(sio_interpreter *in)
{
    sio_cancel(in->alarm);
    in->alarm = NULL;
}
