#include "server/script/native_sockets.h"

#include <stdlib.h>
#include <string.h>

#include "server/script/native.h"
#include "server/script/native_callback.h"
#include "server/script/native_content.h"

/* fn(null): nobody has answered; fn(args, attachments). */
static void
on_answer(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    sio_native_callback *c = arg;
    size_t               n = 0;
    JSValue              args[2] = {JS_NULL, JS_UNDEFINED};

    if (args_json != NULL) {
        const sio_bytes *attachments = sio_ack_attachments(socket, &n);

        args[0] = sio_interpreter_json(c->in, args_json, len);
        args[1] = sio_native_content_attachments(c->in->context, attachments, n);
    }
    sio_native_callback_call(c, "an acknowledgement", 2, args);
}

/*
 * NULL: it has left. Asked once all arguments are taken: toString() and valueOf() of the script may
 * end it.
 */
static sio_socket *
socket_of(JSContext *context, JSValueConst self)
{
    const sio_native_socket *s = JS_GetOpaque(self, sio_interpreter_of(context)->socket_class);

    return s != NULL ? s->socket : NULL;
}

/* emit(name, argsJson, attachments, flags, timeoutMs, fn): false, it has left. */
static JSValue
socket_emit(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_socket          *socket;
    sio_native_content   c;
    uint32_t             timeout_ms = 0;
    sio_native_callback *callback = NULL;
    int                  rc;

    (void)n_args;
    if (JS_ToUint32(context, &timeout_ms, args[4]) != 0 ||
        sio_native_content_take(context, args, &c) != 0)
        return JS_EXCEPTION;
    if ((socket = socket_of(context, self)) == NULL) { /* now: taking arguments may end it */
        sio_native_content_free(context, &c);
        return JS_FALSE;
    }
    if (!JS_IsUndefined(args[5]) &&
        (callback = sio_native_callback_new(sio_interpreter_of(context), args[5])) == NULL)
        rc = -1;
    else
        rc = sio_emit_n(socket, &c.content, timeout_ms, callback != NULL ? on_answer : NULL,
                        callback);
    sio_native_content_free(context, &c);
    if (rc == 0)
        return JS_TRUE;
    sio_native_callback_free(callback);
    return sio_interpreter_throw(context);
}

/* send(text, fn), sendJson(text, fn): messages of 0.9 */
static JSValue
send_with(JSContext *context, JSValueConst self, JSValueConst *args, bool is_json)
{
    sio_native_callback *callback = NULL;
    size_t               len;
    const char          *text = JS_ToCStringLen(context, &len, args[0]);
    sio_socket          *socket = socket_of(context, self);
    int                  rc;

    if (text == NULL)
        return JS_EXCEPTION;
    if (socket == NULL) {
        JS_FreeCString(context, text);
        return JS_FALSE;
    }
    if (!JS_IsUndefined(args[1]))
        callback = sio_native_callback_new(sio_interpreter_of(context), args[1]);
    if (is_json)
        rc = sio_send_json_n(socket, text, len, callback != NULL ? on_answer : NULL, callback);
    else if (callback != NULL)
        rc = sio_send_ack(socket, text, len, on_answer, callback);
    else
        rc = sio_send(socket, text, len);
    JS_FreeCString(context, text);
    if (rc == 0)
        return JS_TRUE;
    sio_native_callback_free(callback);
    return sio_interpreter_throw(context);
}

static JSValue
socket_send(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)n_args;
    return send_with(context, self, args, false);
}

static JSValue
socket_send_json(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)n_args;
    return send_with(context, self, args, true);
}

/* join(room), leave(room) */
static JSValue
socket_join(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *room = JS_ToCString(context, args[0]);
    sio_socket *socket = socket_of(context, self);
    int         rc;

    (void)n_args;
    if (room == NULL)
        return JS_EXCEPTION;
    rc = socket != NULL ? sio_join(socket, room) : 0;
    JS_FreeCString(context, room);
    return rc == 0 ? JS_NewBool(context, socket != NULL) : sio_interpreter_throw(context);
}

static JSValue
socket_leave(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *room = JS_ToCString(context, args[0]);
    sio_socket *socket = socket_of(context, self);

    (void)n_args;
    if (room == NULL)
        return JS_EXCEPTION;
    if (socket != NULL)
        sio_leave(socket, room);
    JS_FreeCString(context, room);
    return JS_NewBool(context, socket != NULL);
}

/* rooms(): names, without that of the id */
static JSValue
socket_rooms(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_socket *socket = socket_of(context, self);
    JSValue     list = JS_NewArray(context);
    const char *room;

    (void)n_args, (void)args;
    for (uint32_t i = 0; socket != NULL && (room = sio_room(socket, i)) != NULL; i++)
        if (JS_SetPropertyUint32(context, list, i, JS_NewString(context, room)) < 0)
            break;
    return list;
}

/* disconnect(close) */
static JSValue
socket_disconnect(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_socket *socket = socket_of(context, self);

    (void)n_args;
    if (socket != NULL)
        sio_disconnect(socket, JS_ToBool(context, args[0]) == 1);
    return JS_UNDEFINED;
}

typedef enum { ID, TRANSPORT, HANDSHAKE, AUTH, DATA, SESSION } text_of_socket;

/* text(which) */
static JSValue
socket_text(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_socket *socket;
    int32_t     which;

    (void)n_args;
    if (JS_ToInt32(context, &which, args[0]) != 0)
        return JS_EXCEPTION;
    if ((socket = socket_of(context, self)) == NULL)
        return JS_UNDEFINED;
    switch ((text_of_socket)which) {
    case ID:
        return JS_NewString(context, sio_id(socket));
    case TRANSPORT:
        return JS_NewString(context, sio_transport_name(socket));
    case HANDSHAKE:
        return JS_NewString(context, sio_handshake_json(socket));
    case AUTH:
        return JS_NewString(context, sio_auth_json(socket));
    case DATA:
        return JS_NewString(context, sio_socket_data(socket));
    case SESSION:
        return JS_NewString(context, sio_session_id(socket));
    }
    return JS_UNDEFINED;
}

static JSValue
socket_is_recovered(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const sio_socket *socket = socket_of(context, self);

    (void)n_args, (void)args;
    return JS_NewBool(context, socket != NULL && sio_recovered(socket));
}

/* setData(json) */
static JSValue
socket_set_data(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *json = JS_ToCString(context, args[0]);
    sio_socket *socket = socket_of(context, self);
    int         rc;

    (void)n_args;
    if (json == NULL)
        return JS_EXCEPTION;
    rc = socket != NULL ? sio_set_socket_data(socket, json) : 0;
    JS_FreeCString(context, json);
    return rc == 0 ? JS_NewBool(context, socket != NULL) : sio_interpreter_throw(context);
}

/* --- Its data in the store. --- */

typedef void (*data_fn)(sio_socket *socket, const char *key, sio_data_fn fn, void *arg);

/* fn(is it there, or stored?, value) */
static void
on_data(sio_socket *socket, sio_data_result result, const char *value, void *arg)
{
    sio_native_callback *c = arg;
    JSContext           *context = c->in->context;
    JSValue              args[2] = {JS_NewBool(context, result == SIO_DATA_OK),
                       value != NULL ? JS_NewString(context, value) : JS_UNDEFINED};

    (void)socket;
    sio_native_callback_call(c, "stored data", 2, args);
}

/* It will not be called when the socket has left. */
static sio_native_callback *
keep_callback(JSContext *context, JSValueConst self, sio_native_callback *c)
{
    sio_native_socket *s = JS_GetOpaque(self, sio_interpreter_of(context)->socket_class);

    sio_link_append(&s->callbacks, &c->link);
    return c;
}

/* dataGet(key, fn), dataHas(key, fn), dataDel(key, fn) */
static JSValue
ask_data(JSContext *context, JSValueConst self, JSValueConst *args, data_fn ask)
{
    const char          *key = JS_ToCString(context, args[0]);
    sio_socket          *socket = socket_of(context, self);
    sio_native_callback *callback = NULL;

    if (key == NULL)
        return JS_EXCEPTION;
    if (socket != NULL)
        callback = sio_native_callback_new(sio_interpreter_of(context), args[1]);
    if (callback != NULL)
        ask(socket, key, on_data, keep_callback(context, self, callback));
    JS_FreeCString(context, key);
    return JS_UNDEFINED;
}

static JSValue
socket_data_get(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)n_args;
    return ask_data(context, self, args, sio_data_get);
}

static JSValue
socket_data_has(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)n_args;
    return ask_data(context, self, args, sio_data_has);
}

static JSValue
socket_data_del(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)n_args;
    return ask_data(context, self, args, sio_data_del);
}

/* dataSet(key, value, fn) */
static JSValue
socket_data_set(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char          *key = JS_ToCString(context, args[0]);
    const char          *value = key != NULL ? JS_ToCString(context, args[1]) : NULL;
    sio_socket          *socket = socket_of(context, self);
    sio_native_callback *callback = NULL;

    (void)n_args;
    if (socket != NULL && key != NULL && value != NULL)
        callback = sio_native_callback_new(sio_interpreter_of(context), args[2]);
    if (callback != NULL)
        sio_data_set(socket, key, value, on_data, keep_callback(context, self, callback));
    JS_FreeCString(context, key);
    JS_FreeCString(context, value);
    return key != NULL && value != NULL ? JS_UNDEFINED : JS_EXCEPTION;
}

static const JSCFunctionListEntry methods[] = {
    SIO_NATIVE_ENTRY("dataGet", 2, socket_data_get),
    SIO_NATIVE_ENTRY("dataHas", 2, socket_data_has),
    SIO_NATIVE_ENTRY("dataDel", 2, socket_data_del),
    SIO_NATIVE_ENTRY("dataSet", 3, socket_data_set),
    SIO_NATIVE_ENTRY("emit", 6, socket_emit),
    SIO_NATIVE_ENTRY("send", 2, socket_send),
    SIO_NATIVE_ENTRY("sendJson", 2, socket_send_json),
    SIO_NATIVE_ENTRY("join", 1, socket_join),
    SIO_NATIVE_ENTRY("leave", 1, socket_leave),
    SIO_NATIVE_ENTRY("rooms", 0, socket_rooms),
    SIO_NATIVE_ENTRY("disconnect", 1, socket_disconnect),
    SIO_NATIVE_ENTRY("text", 1, socket_text),
    SIO_NATIVE_ENTRY("isRecovered", 0, socket_is_recovered),
    SIO_NATIVE_ENTRY("setData", 1, socket_set_data),
};

/* --- Life. --- */

sio_native_socket *
sio_native_socket_new(sio_interpreter *in, sio_socket *socket)
{
    sio_native_socket *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->in = in;
    s->socket = socket;
    s->peer = JS_UNDEFINED;
    s->object = JS_NewObjectClass(in->context, (int)in->socket_class);
    if (!JS_IsObject(s->object)) {
        free(s);
        return NULL;
    }
    JS_SetOpaque(s->object, s);
    sio_link_init(&s->callbacks);
    sio_link_init(&s->link);
    sio_link_append(&in->sockets, &s->link);
    return s;
}

void
sio_native_socket_free(sio_native_socket *s)
{
    while (!sio_link_empty(&s->callbacks))
        sio_native_callback_free(SIO_CONTAINER(s->callbacks.next, sio_native_callback, link));
    sio_link_remove(&s->link);
    JS_SetOpaque(s->object, NULL);
    JS_FreeValue(s->in->context, s->object);
    JS_FreeValue(s->in->context, s->peer);
    free(s);
}

int
sio_native_sockets_add(sio_interpreter *in, JSValueConst native)
{
    static const JSClassDef socket_class = {.class_name = "NativeSocket"};

    (void)native;
    return sio_native_add_class(in, &in->socket_class, &socket_class, methods,
                                (int)(sizeof methods / sizeof methods[0]));
}
