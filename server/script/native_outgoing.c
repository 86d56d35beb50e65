/* Requests of the script to other servers: what lib/fetch.js and lib/http_client.js stand on. */
#include <stdlib.h>
#include <string.h>

#include "server/script/native.h"
#include "server/script/native_bytes.h"

enum { MAX_HEADERS = 48 };

/* One under way; the object is the script's. */
typedef struct {
    sio_link         link; /* in->outgoing */
    sio_interpreter *in;
    sio_outgoing    *request;
    JSValue          object; /* its opaque pointer is this, until it has ended */
    JSValue          fn;
} script_outgoing;

static void
free_script_outgoing(script_outgoing *o)
{
    sio_link_remove(&o->link);
    JS_SetOpaque(o->object, NULL);
    JS_FreeValue(o->in->context, o->object);
    JS_FreeValue(o->in->context, o->fn);
    free(o);
}

/* fn(why) or fn(null, head, body) */
static void
on_script_answer(const sio_outgoing_answer *answer, void *arg)
{
    script_outgoing *o = arg;
    sio_interpreter *in = o->in;
    JSContext       *context = in->context;
    JSValue          fn = JS_DupValue(context, o->fn);
    JSValue          args[3] = {JS_NULL, JS_UNDEFINED, JS_UNDEFINED};

    free_script_outgoing(o);
    if (answer->status == 0) {
        args[0] = JS_NewString(context, answer->why);
    } else {
        args[1] = sio_native_bytes_text(context, (sio_view){answer->head.data, answer->head.len});
        args[2] =
            JS_NewArrayBufferCopy(context, (const uint8_t *)answer->body.data, answer->body.len);
    }
    if (JS_IsException(args[0]) || JS_IsException(args[1]) || JS_IsException(args[2])) {
        JS_FreeValue(context, JS_GetException(context));
        for (size_t i = 0; i < 3; i++)
            JS_FreeValue(context, args[i]);
        args[0] = JS_TRUE; /* lib/ says that there is no memory */
        args[1] = args[2] = JS_UNDEFINED;
    }
    JS_FreeValue(context,
                 sio_interpreter_call(in, "the answer to a request", fn, JS_UNDEFINED, 3, args));
    JS_FreeValue(context, fn);
    for (size_t i = 0; i < 3; i++)
        JS_FreeValue(context, args[i]);
}

/* cancel(): fn is not called any more. */
static JSValue
outgoing_cancel(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_outgoing *o = JS_GetOpaque(self, sio_interpreter_of(context)->outgoing_class);

    (void)n_args, (void)args;
    if (o != NULL) {
        sio_outgoing_cancel(o->request);
        free_script_outgoing(o);
    }
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry methods[] = {
    SIO_NATIVE_ENTRY("cancel", 0, outgoing_cancel),
};

/* The headers are a list of "Name: value". The number taken, or -1 with an exception. */
static int
take_headers(JSContext *context, JSValueConst list, sio_buf *texts)
{
    JSValue  length = JS_GetPropertyStr(context, list, "length");
    uint32_t n = 0;

    if (JS_ToUint32(context, &n, length) != 0)
        return -1;
    if (n > MAX_HEADERS) {
        JS_ThrowRangeError(context, "a request has at most %d headers", MAX_HEADERS);
        return -1;
    }
    for (uint32_t i = 0; i < n; i++) {
        JSValue     line = JS_GetPropertyUint32(context, list, i);
        const char *text = JS_ToCString(context, line);

        if (text != NULL)
            sio_native_bytes_add_text(text, texts);
        JS_FreeCString(context, text);
        JS_FreeValue(context, line);
        if (text == NULL)
            return -1;
    }
    if (texts->failed) {
        JS_ThrowOutOfMemory(context);
        return -1;
    }
    return (int)n;
}

/* Send it, with headers that follow each other in texts. */
static JSValue
send_request(sio_interpreter *in, sio_outgoing_request *r, const sio_buf *texts, JSValueConst fn)
{
    JSContext       *context = in->context;
    const char      *lines[MAX_HEADERS], *at = texts->data;
    script_outgoing *o = calloc(1, sizeof *o);

    if (o == NULL)
        return JS_ThrowOutOfMemory(context);
    for (size_t i = 0; i < r->n_headers; i++, at += strlen(at) + 1)
        lines[i] = at;
    r->headers = lines;
    o->in = in;
    o->fn = JS_DupValue(context, fn);
    o->object = JS_NewObjectClass(context, (int)in->outgoing_class);
    sio_link_init(&o->link);
    if (JS_IsObject(o->object))
        o->request = sio_outgoing_send(in->io, r, on_script_answer, o);
    r->headers = NULL; /* the lines end with this function */
    if (o->request == NULL) {
        if (JS_IsObject(o->object))
            (void)sio_interpreter_throw(context);
        free_script_outgoing(o);
        return JS_EXCEPTION;
    }
    JS_SetOpaque(o->object, o);
    sio_link_append(&in->outgoing, &o->link);
    return JS_DupValue(context, o->object);
}

/* httpAsk(url, method, headers, body, fn): an object with the methods; throws what is wrong */
static JSValue
native_http_ask(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    const char      *url = JS_ToCString(context, args[0]), *method = JS_ToCString(context, args[1]);
    sio_native_bytes body = {.buffer = JS_UNDEFINED};
    JSValue          result = JS_EXCEPTION;
    sio_buf          texts;
    int              n = -1;

    (void)self, (void)n_args;
    sio_buf_init(&texts, SIZE_MAX);
    if (url != NULL && method != NULL && (n = take_headers(context, args[2], &texts)) >= 0 &&
        sio_native_bytes_take(context, args[3], &body) == 0) {
        sio_outgoing_request r = {.url = url,
                                  .method = method,
                                  .n_headers = (size_t)n,
                                  .body = body.view.data,
                                  .body_len = body.view.len};

        result = send_request(in, &r, &texts, args[4]);
        sio_native_bytes_free(context, &body);
    }
    sio_buf_fini(&texts);
    JS_FreeCString(context, url);
    JS_FreeCString(context, method);
    return result;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("httpAsk", 5, native_http_ask),
};

int
sio_native_outgoing_add(sio_interpreter *in, JSValueConst native)
{
    static const JSClassDef outgoing_class = {.class_name = "NativeOutgoing"};

    if (sio_native_add_class(in, &in->outgoing_class, &outgoing_class, methods,
                             (int)(sizeof methods / sizeof methods[0])) != 0)
        return -1;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}

void
sio_native_outgoing_free(sio_interpreter *in)
{
    while (!sio_link_empty(&in->outgoing)) {
        script_outgoing *o = SIO_CONTAINER(in->outgoing.next, script_outgoing, link);

        sio_outgoing_cancel(o->request);
        free_script_outgoing(o);
    }
}
