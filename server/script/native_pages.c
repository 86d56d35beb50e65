/* Requests that the script answers: what lib/http.js stands on. */
#include <stdlib.h>
#include <string.h>

#include "server/script/native.h"
#include "server/script/native_bytes.h"

/* One that the script has not ended yet; the object is its. */
typedef struct {
    sio_link         link; /* in->pages */
    sio_interpreter *in;
    sio_page        *page;
    JSValue          object; /* its opaque pointer is this, until it is ended */
} script_page;

/* The page itself is answered already, or goes with it. */
static void
free_script_page(script_page *p)
{
    sio_link_remove(&p->link);
    JS_SetOpaque(p->object, NULL);
    JS_FreeValue(p->in->context, p->object);
    free(p);
}

static script_page *
page_of(JSContext *context, JSValueConst self)
{
    return JS_GetOpaque(self, sio_interpreter_of(context)->page_class);
}

/* --- What the script does with one. After its end all of this does nothing. --- */

/* setHeader(name, value): both checked by lib/ */
static JSValue
page_set_header(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_page *p = page_of(context, self);
    const char  *name = JS_ToCString(context, args[0]), *value = JS_ToCString(context, args[1]);
    sio_buf      bytes;

    (void)n_args;
    sio_buf_init(&bytes, SIZE_MAX);
    if (value != NULL)
        sio_native_bytes_add_text(value, &bytes);
    if (p != NULL && name != NULL && value != NULL && !bytes.failed)
        sio_page_set_header(p->page, name, bytes.data);
    sio_buf_fini(&bytes);
    JS_FreeCString(context, name);
    JS_FreeCString(context, value);
    return name == NULL || value == NULL ? JS_EXCEPTION : JS_UNDEFINED;
}

/* setReason(text) */
static JSValue
page_set_reason(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_page *p = page_of(context, self);
    const char  *text = JS_ToCString(context, args[0]);

    (void)n_args;
    if (text == NULL)
        return JS_EXCEPTION;
    if (p != NULL)
        sio_page_set_reason(p->page, text);
    JS_FreeCString(context, text);
    return JS_UNDEFINED;
}

/* answer(status, type, body): the whole of it, which ends it; throws what is wrong */
static JSValue
page_answer(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_page     *p = page_of(context, self);
    const char      *type;
    uint32_t         status;
    sio_native_bytes body;
    JSValue          result = JS_UNDEFINED;

    (void)n_args;
    if (JS_ToUint32(context, &status, args[0]) != 0 ||
        (type = JS_ToCString(context, args[1])) == NULL)
        return JS_EXCEPTION;
    if (sio_native_bytes_take(context, args[2], &body) != 0) {
        JS_FreeCString(context, type);
        return JS_EXCEPTION;
    }
    if (p != NULL) {
        if (sio_page_answer(p->page, status, type, body.view.data, body.view.len) != 0)
            result = sio_interpreter_throw(context);
        free_script_page(p);
    }
    sio_native_bytes_free(context, &body);
    JS_FreeCString(context, type);
    return result;
}

/* begin(status, type, length): -1 when that is not known; throws what is wrong */
static JSValue
page_begin(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_page *p = page_of(context, self);
    const char  *type;
    uint32_t     status;
    int64_t      length;
    int          rc = 0;

    (void)n_args;
    if (JS_ToUint32(context, &status, args[0]) != 0 || JS_ToInt64(context, &length, args[2]) != 0 ||
        (type = JS_ToCString(context, args[1])) == NULL)
        return JS_EXCEPTION;
    if (p != NULL)
        rc = sio_page_begin(p->page, status, type,
                            length >= 0 ? (size_t)length : SIO_PAGE_ANY_LENGTH);
    JS_FreeCString(context, type);
    return rc == 0 ? JS_UNDEFINED : sio_interpreter_throw(context);
}

/* write(bytes): as sio_page_write() */
static JSValue
page_write(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_page     *p = page_of(context, self);
    sio_native_bytes bytes;
    int              rc = -1;

    (void)n_args;
    if (sio_native_bytes_take(context, args[0], &bytes) != 0)
        return JS_EXCEPTION;
    if (p != NULL)
        rc = sio_page_write(p->page, bytes.view.data, bytes.view.len);
    sio_native_bytes_free(context, &bytes);
    return JS_NewInt32(context, rc);
}

/* end() */
static JSValue
page_end(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_page *p = page_of(context, self);

    (void)n_args, (void)args;
    if (p != NULL) {
        sio_page_end(p->page);
        free_script_page(p);
    }
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry page_methods[] = {
    SIO_NATIVE_ENTRY("setHeader", 2, page_set_header),
    SIO_NATIVE_ENTRY("setReason", 1, page_set_reason),
    SIO_NATIVE_ENTRY("answer", 3, page_answer),
    SIO_NATIVE_ENTRY("begin", 3, page_begin),
    SIO_NATIVE_ENTRY("write", 1, page_write),
    SIO_NATIVE_ENTRY("end", 0, page_end),
};

/* --- What is asked. --- */

/* "pageGone" and "pageDrained": `this` is the object. */
static void
call_about(const script_page *p, const char *hook)
{
    sio_interpreter *in = p->in;
    JSValue          object = JS_DupValue(in->context, p->object);

    JS_FreeValue(in->context, sio_interpreter_call_hook(in, "a request", hook, object, 0, NULL));
    JS_FreeValue(in->context, object);
}

static void
on_script_page_gone(void *arg)
{
    call_about(arg, "pageGone");
}

static void
on_script_page_drained(void *arg)
{
    call_about(arg, "pageDrained");
}

/* Names and values in turn, as they were sent. */
static JSValue
headers_of(JSContext *context, const sio_page *page)
{
    JSValue   list = JS_NewArray(context);
    sio_bytes name, value;

    for (uint32_t i = 0; sio_page_header_at(page, i, &name, &value); i++) {
        JS_SetPropertyUint32(context, list, 2 * i,
                             sio_native_bytes_text(context, (sio_view){name.data, name.len}));
        JS_SetPropertyUint32(context, list, 2 * i + 1,
                             sio_native_bytes_text(context, (sio_view){value.data, value.len}));
    }
    return list;
}

static JSValue
body_of(JSContext *context, const sio_page *page)
{
    size_t      len;
    const char *body = sio_page_body(page, &len);

    return len > 0 ? JS_NewArrayBufferCopy(context, (const uint8_t *)body, len) : JS_UNDEFINED;
}

static JSValue
address_of(JSContext *context, const sio_page *page)
{
    char   *text = sio_page_address(page);
    JSValue address = JS_NewString(context, text != NULL ? text : "");

    free(text);
    return address;
}

static script_page *
new_script_page(sio_interpreter *in, sio_page *page)
{
    script_page *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    sio_link_init(&p->link);
    p->in = in;
    p->page = page;
    p->object = JS_NewObjectClass(in->context, (int)in->page_class);
    if (!JS_IsObject(p->object)) {
        JS_FreeValue(in->context, JS_GetException(in->context));
        free(p);
        return NULL;
    }
    JS_SetOpaque(p->object, p);
    sio_link_append(&in->pages, &p->link);
    return p;
}

enum { N_REQUEST_ARGS = 8 };

static void
on_script_page(sio_page *page, void *arg)
{
    sio_interpreter *in = arg;
    JSContext       *context = in->context;
    script_page     *p = in->has_ended ? NULL : new_script_page(in, page);
    JSValue          args[N_REQUEST_ARGS];
    size_t           n_target;
    const char      *target = sio_page_target(page, &n_target);

    if (p == NULL) {
        sio_page_answer(page, 503, "text/plain", "Not now.", 8);
        return;
    }
    sio_page_on_gone(page, on_script_page_gone, p);
    sio_page_on_drain(page, on_script_page_drained, p);
    args[0] = JS_DupValue(context, p->object);
    args[1] = JS_NewString(context, sio_page_method(page));
    args[2] = sio_native_bytes_text(context, (sio_view){target, n_target});
    args[3] = JS_NewInt32(context, (int)sio_page_http_minor(page));
    args[4] = headers_of(context, page);
    args[5] = body_of(context, page);
    args[6] = address_of(context, page);
    args[7] = JS_NewBool(context, sio_page_is_secure(page));
    JS_FreeValue(context, sio_interpreter_call_hook(in, "a request", "request", JS_UNDEFINED,
                                                    N_REQUEST_ARGS, args));
    for (int i = 0; i < N_REQUEST_ARGS; i++)
        JS_FreeValue(context, args[i]);
}

/* servePages(): requests that are not the broker's go to the hook "request" from now on */
static JSValue
native_serve_pages(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);

    (void)self, (void)n_args, (void)args;
    sio_route_rest(in->io, on_script_page, in);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("servePages", 0, native_serve_pages),
};

int
sio_native_pages_add(sio_interpreter *in, JSValueConst native)
{
    static const JSClassDef page_class = {.class_name = "NativePage"};

    if (sio_native_add_class(in, &in->page_class, &page_class, page_methods,
                             sizeof page_methods / sizeof page_methods[0]) != 0)
        return -1;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}

void
sio_native_pages_free(sio_interpreter *in)
{
    while (!sio_link_empty(&in->pages)) {
        script_page *p = SIO_CONTAINER(in->pages.next, script_page, link);

        sio_page_end(p->page);
        free_script_page(p);
    }
}
