#include "server/script/native.h"

#include <stdlib.h>

#include "server/script/native_content.h"
#include "server/script/native_sockets.h"

/* An acknowledgement that the client waits for, until it is given. */
typedef struct {
    sio_link         link; /* in->acks */
    sio_interpreter *in;
    sio_ack_later   *later;
    JSValue          object; /* of the script, which may free it: this does not keep it */
} script_ack;

static void
on_script_connection(sio_socket *socket, void *arg)
{
    sio_interpreter   *in = arg;
    sio_native_socket *s = in->has_ended ? NULL : sio_native_socket_new(in, socket);
    JSValue            args[3], peer;

    if (s == NULL) {
        sio_hang_up(socket, "out of memory");
        return;
    }
    sio_set_user_data(socket, s);
    args[0] = JS_NewString(in->context, sio_namespace_name(sio_namespace_of(socket)));
    args[1] = JS_DupValue(in->context, s->object);
    args[2] = JS_NewString(in->context, sio_id(socket));
    peer = sio_interpreter_call_hook(in, "\"connection\"", "connection", JS_UNDEFINED, 3, args);
    for (size_t i = 0; i < 3; i++)
        JS_FreeValue(in->context, args[i]);
    if ((s = sio_user_data(socket)) != NULL)
        s->peer = peer;
    else
        JS_FreeValue(in->context, peer);
}

static void
on_script_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    sio_interpreter   *in = arg;
    sio_native_socket *s = sio_user_data(socket);
    JSValue            text;

    if (s == NULL)
        return;
    text = JS_NewString(in->context, reason);
    JS_FreeValue(in->context,
                 sio_interpreter_call_hook(in, "\"disconnect\"", "disconnect", s->peer, 1, &text));
    JS_FreeValue(in->context, text);
    sio_set_user_data(socket, NULL);
    sio_native_socket_free(s);
}

/* ack(argsJson, attachments), once */
static JSValue
native_ack(JSContext *context, JSValueConst self, int n_args, JSValueConst *args, int magic,
           JSValue *data)
{
    script_ack        *ack;
    JSValueConst       of_event[4];
    sio_native_content c;

    (void)self, (void)n_args, (void)magic;
    of_event[0] = JS_UNDEFINED;
    of_event[1] = args[0];
    of_event[2] = args[1];
    of_event[3] = JS_NewInt32(context, 0);
    if (sio_native_content_take(context, of_event, &c) != 0)
        return JS_EXCEPTION;
    ack = JS_GetOpaque(data[0], sio_interpreter_of(context)->ack_class);
    JS_SetOpaque(data[0], NULL);
    if (ack != NULL) {
        sio_link_remove(&ack->link);
        (void)sio_ack_now_n(ack->later, &c.content); /* lib/ gives JSON; the client may have left */
        free(ack);
    }
    sio_native_content_free(context, &c);
    return JS_NewBool(context, ack != NULL);
}

static void
drop_ack(script_ack *ack)
{
    JS_SetOpaque(ack->object, NULL);
    sio_link_remove(&ack->link);
    sio_ack_drop(ack->later);
    free(ack);
}

/* Nobody has it any more, so nobody will acknowledge. */
static void
finalize_ack(JSRuntime *runtime, JSValue object)
{
    JSClassID   class_id;
    script_ack *ack = JS_GetAnyOpaque(object, &class_id);

    (void)runtime;
    if (ack != NULL)
        drop_ack(ack);
}

/* A function that acknowledges; undefined: the client does not wait for that. */
static JSValue
make_ack(sio_interpreter *in, sio_socket *socket, const sio_event *event)
{
    script_ack *ack;
    JSValue     object, fn;

    if (!sio_event_wants_ack(event) || (ack = calloc(1, sizeof *ack)) == NULL)
        return JS_UNDEFINED;
    sio_link_init(&ack->link);
    ack->in = in;
    ack->later = sio_ack_keep(socket, event);
    object = JS_NewObjectClass(in->context, (int)in->ack_class);
    ack->object = object;
    if (ack->later == NULL || !JS_IsObject(object)) {
        drop_ack(ack);
        JS_FreeValue(in->context, object);
        return JS_UNDEFINED;
    }
    sio_link_append(&in->acks, &ack->link);
    JS_SetOpaque(object, ack);
    fn = JS_NewCFunctionData(in->context, native_ack, 2, 0, 1, &object);
    JS_FreeValue(in->context, object);
    return fn;
}

static void
on_script_event(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_interpreter   *in = arg;
    sio_native_socket *s = sio_user_data(socket);
    size_t             name_len, len, n;
    const char        *name = sio_event_name(event, &name_len);
    const char        *json = sio_event_args(event, &len);
    const sio_bytes   *attachments = sio_event_attachments(event, &n);
    JSValue            args[4];

    if (s == NULL || name == NULL || in->has_ended)
        return;
    args[0] = JS_NewStringLen(in->context, name, name_len);
    args[1] = sio_interpreter_json(in, json, len);
    args[2] = sio_native_content_attachments(in->context, attachments, n);
    args[3] = make_ack(in, socket, event);
    in->event = (sio_view){name, name_len};
    JS_FreeValue(in->context,
                 sio_interpreter_call_hook(in, "the event", "event", s->peer, 4, args));
    in->event = (sio_view){NULL, 0};
    for (size_t i = 0; i < 4; i++)
        JS_FreeValue(in->context, args[i]);
}

void
sio_native_clients_hear(sio_interpreter *in, sio_namespace *nsp)
{
    sio_on_connection(nsp, on_script_connection, in);
    sio_on_disconnect(nsp, on_script_disconnect, in);
    sio_on_any(nsp, on_script_event, in);
}

/* of(namespace): its clients are told to the hooks from now on. */
static JSValue
native_of(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    const char      *name = JS_ToCString(context, args[0]);
    sio_namespace   *nsp;

    (void)self, (void)n_args;
    if (name == NULL)
        return JS_EXCEPTION;
    nsp = sio_of(in->io, name);
    JS_FreeCString(context, name);
    if (nsp == NULL)
        return sio_interpreter_throw(context);
    sio_native_clients_hear(in, nsp);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("of", 1, native_of),
};

int
sio_native_clients_add(sio_interpreter *in, JSValueConst native)
{
    static const JSClassDef ack_class = {.class_name = "NativeAck", .finalizer = finalize_ack};

    if (sio_native_add_class(in, &in->ack_class, &ack_class, NULL, 0) != 0)
        return -1;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}

void
sio_native_clients_drop_acks(sio_interpreter *in)
{
    while (!sio_link_empty(&in->acks))
        drop_ack(SIO_CONTAINER(in->acks.next, script_ack, link));
}

void
sio_native_clients_free(sio_interpreter *in)
{
    while (!sio_link_empty(&in->sockets))
        sio_native_socket_free(SIO_CONTAINER(in->sockets.next, sio_native_socket, link));
}
