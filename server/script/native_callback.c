#include "server/script/native_callback.h"

#include <stdlib.h>

sio_native_callback *
sio_native_callback_new(sio_interpreter *in, JSValueConst fn)
{
    sio_native_callback *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->in = in;
    sio_link_init(&c->link);
    c->fn = JS_DupValue(in->context, fn);
    return c;
}

void
sio_native_callback_call(sio_native_callback *c, const char *what, int n_args, JSValue *args)
{
    JSContext *context = c->in->context;

    sio_link_remove(&c->link); /* the call may free whatever it was of */
    JS_FreeValue(context, sio_interpreter_call(c->in, what, c->fn, JS_UNDEFINED, n_args, args));
    for (int i = 0; i < n_args; i++)
        JS_FreeValue(context, args[i]);
    sio_native_callback_free(c);
}

void
sio_native_callback_free(sio_native_callback *c)
{
    if (c == NULL)
        return;
    sio_link_remove(&c->link);
    JS_FreeValue(c->in->context, c->fn);
    free(c);
}
