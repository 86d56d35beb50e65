#include "server/script/native.h"

#include <stdlib.h>

/* What lib/timers.js waits for. */
typedef struct {
    sio_link         link; /* in->timers */
    sio_interpreter *in;
    sio_timeout     *timeout;
    JSValue          fn;
    JSValue          object; /* the script's; its opaque pointer is this, until it is over */
} script_timer;

static void
free_timer(script_timer *t)
{
    sio_link_remove(&t->link);
    JS_SetOpaque(t->object, NULL);
    JS_FreeValue(t->in->context, t->object);
    JS_FreeValue(t->in->context, t->fn);
    free(t);
}

static void
on_script_timer(void *arg)
{
    script_timer    *t = arg;
    sio_interpreter *in = t->in;
    JSValue          fn = JS_DupValue(in->context, t->fn);

    free_timer(t);
    JS_FreeValue(in->context, sio_interpreter_call(in, "a timer", fn, JS_UNDEFINED, 0, NULL));
    JS_FreeValue(in->context, fn);
}

/* after(ms, fn): call fn once. What it returns is for cancel(). */
static JSValue
native_after(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    script_timer    *t;
    uint32_t         ms;

    (void)self, (void)n_args;
    if (JS_ToUint32(context, &ms, args[0]) != 0)
        return JS_EXCEPTION;
    if ((t = calloc(1, sizeof *t)) == NULL)
        return JS_ThrowOutOfMemory(context);
    sio_link_init(&t->link);
    t->in = in;
    t->fn = JS_DupValue(context, args[1]);
    t->object = JS_NewObjectClass(context, (int)in->timer_class);
    sio_link_append(&in->timers, &t->link);
    if (JS_IsObject(t->object) &&
        (t->timeout = sio_after(in->io, ms, on_script_timer, t)) != NULL) {
        JS_SetOpaque(t->object, t);
        return JS_DupValue(context, t->object);
    }
    free_timer(t);
    return JS_ThrowOutOfMemory(context);
}

/* cancel(timer): nothing happens when it is over. */
static JSValue
native_cancel(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_timer *t = JS_GetOpaque(args[0], sio_interpreter_of(context)->timer_class);

    (void)self, (void)n_args;
    if (t != NULL) {
        sio_cancel(t->timeout);
        free_timer(t);
    }
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("after", 2, native_after),
    SIO_NATIVE_ENTRY("cancel", 1, native_cancel),
};

int
sio_native_timers_add(sio_interpreter *in, JSValueConst native)
{
    static const JSClassDef timer_class = {.class_name = "NativeTimer"};

    JS_NewClassID(&in->timer_class);
    if (JS_NewClass(in->runtime, in->timer_class, &timer_class) != 0)
        return -1;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}

void
sio_native_timers_free(sio_interpreter *in)
{
    while (!sio_link_empty(&in->timers)) {
        script_timer *t = SIO_CONTAINER(in->timers.next, script_timer, link);

        sio_cancel(t->timeout);
        free_timer(t);
    }
}
