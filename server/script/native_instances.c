/*
 * server/script/native_instances.c - what scripts of several instances say to each other, and what
 * they hear of rooms: serverSideEmit() and the events of adapters.
 */
#include <stdlib.h>
#include <string.h>

#include "server/script/native.h"
#include "server/script/native_callback.h"

static sio_namespace *
find_namespace(sio_interpreter *in, JSValueConst name_value)
{
    const char    *name = JS_ToCString(in->context, name_value);
    sio_namespace *nsp = name != NULL ? sio_find_namespace(in->io, name) : NULL;

    JS_FreeCString(in->context, name);
    return nsp;
}

/* --- Saying something. --- */

/* fn(answers as JSON text, of how many instances, how many there are): this one not counted */
static void
on_server_side_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    sio_native_callback *c = arg;
    JSContext           *context = c->in->context;
    JSValue              args[3] = {JS_NewStringLen(context, answers->json, answers->len),
                                    JS_NewInt64(context, (int64_t)answers->n_reached - 1),
                                    JS_NewInt64(context, (int64_t)answers->n_instances - 1)};

    (void)nsp;
    sio_native_callback_call(c, "answers of other instances", 3, args);
}

/* serverSideEmit(namespace, event, argsJson, timeoutMs, fn or undefined) */
static JSValue
native_server_side_emit(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter     *in = sio_interpreter_of(context);
    sio_namespace       *nsp = find_namespace(in, args[0]);
    const char          *event = JS_ToCString(context, args[1]);
    const char          *json = JS_ToCString(context, args[2]);
    uint32_t             timeout_ms = 0;
    sio_native_callback *callback = NULL;
    int                  rc = -1;

    (void)self, (void)n_args;
    (void)JS_ToUint32(context, &timeout_ms, args[3]); /* of lib/, a number */
    if (nsp == NULL || event == NULL || json == NULL)
        rc = -1;
    else if (JS_IsUndefined(args[4]))
        rc = sio_server_side_emit(nsp, event, json);
    else if ((callback = sio_native_callback_new(in, args[4])) != NULL)
        rc = sio_server_side_emit_ack(nsp, event, json, timeout_ms, on_server_side_answers,
                                      callback);
    JS_FreeCString(context, event);
    JS_FreeCString(context, json);
    if (rc == 0)
        return JS_UNDEFINED;
    sio_native_callback_free(callback);
    return event == NULL || json == NULL ? JS_EXCEPTION : sio_interpreter_throw(context);
}

/* --- Hearing it. --- */

/* An event that the script listens to in a namespace. */
typedef struct {
    sio_link         link; /* in->listeners */
    sio_interpreter *in;
    char             name[];
} script_listener;

/* answer(json), once: of another instance's question, which `data` has */
static JSValue
native_answer(JSContext *context, JSValueConst self, int n_args, JSValueConst *args, int magic,
              JSValue *data)
{
    sio_server_question *question =
        JS_GetOpaque(data[0], sio_interpreter_of(context)->question_class);
    const char *json;

    (void)self, (void)n_args, (void)magic;
    if (question == NULL)
        return JS_FALSE;
    if ((json = JS_ToCString(context, args[0])) == NULL)
        return JS_EXCEPTION;
    JS_SetOpaque(data[0], NULL);
    (void)sio_server_side_answer(question, json);
    JS_FreeCString(context, json);
    return JS_TRUE;
}

/* Nobody has it any more, so there will be no answer. */
static void
finalize_question(JSRuntime *runtime, JSValue object)
{
    JSClassID            class_id;
    sio_server_question *question = JS_GetAnyOpaque(object, &class_id);

    (void)runtime;
    if (question != NULL)
        (void)sio_server_side_answer(question, NULL);
}

/* A function that answers; undefined: the other instance does not ask. */
static JSValue
make_answer(sio_interpreter *in, sio_namespace *nsp)
{
    sio_server_question *question = sio_server_side_question(nsp);
    JSValue              object, fn;

    if (question == NULL)
        return JS_UNDEFINED;
    object = JS_NewObjectClass(in->context, (int)in->question_class);
    if (!JS_IsObject(object)) {
        (void)sio_server_side_answer(question, NULL);
        return JS_UNDEFINED;
    }
    JS_SetOpaque(object, question);
    fn = JS_NewCFunctionData(in->context, native_answer, 1, 0, 1, &object);
    JS_FreeValue(in->context, object);
    return fn;
}

static void
on_script_server_side(sio_namespace *nsp, const char *args_json, size_t len, void *arg)
{
    script_listener *l = arg;
    sio_interpreter *in = l->in;
    JSValue          args[4];

    if (in->has_ended)
        return;
    args[0] = JS_NewString(in->context, sio_namespace_name(nsp));
    args[1] = JS_NewString(in->context, l->name);
    args[2] = sio_interpreter_json(in, args_json, len);
    args[3] = make_answer(in, nsp);
    JS_FreeValue(in->context, sio_interpreter_call_hook(in, "an event of another instance",
                                                        "serverSide", JS_UNDEFINED, 4, args));
    for (size_t i = 0; i < 4; i++)
        JS_FreeValue(in->context, args[i]);
}

/* onServerSide(namespace, event): it is told to a hook from now on. */
static JSValue
native_on_server_side(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    sio_namespace   *nsp = find_namespace(in, args[0]);
    size_t           len;
    const char      *event = JS_ToCStringLen(context, &len, args[1]);
    script_listener *l = event != NULL ? malloc(sizeof *l + len + 1) : NULL;

    (void)self, (void)n_args;
    if (l == NULL) {
        JS_FreeCString(context, event);
        return event == NULL ? JS_EXCEPTION : JS_ThrowOutOfMemory(context);
    }
    memcpy(l->name, event, len + 1);
    JS_FreeCString(context, event);
    l->in = in;
    sio_link_init(&l->link);
    sio_link_append(&in->listeners, &l->link);
    if (nsp != NULL && sio_on_server_side(nsp, l->name, on_script_server_side, l) != 0)
        return sio_interpreter_throw(context);
    return JS_UNDEFINED;
}

/* --- Rooms. --- */

static void
on_script_room(sio_namespace *nsp, sio_room_event what, const char *room, const char *id, void *arg)
{
    sio_interpreter *in = arg;
    JSValue          args[4];

    if (in->has_ended)
        return;
    args[0] = JS_NewString(in->context, sio_namespace_name(nsp));
    args[1] = JS_NewInt32(in->context, (int)what);
    args[2] = JS_NewString(in->context, room);
    args[3] = id != NULL ? JS_NewString(in->context, id) : JS_UNDEFINED;
    JS_FreeValue(in->context, sio_interpreter_call_hook(in, "an event of an adapter", "room",
                                                        JS_UNDEFINED, 4, args));
    for (size_t i = 0; i < 4; i++)
        JS_FreeValue(in->context, args[i]);
}

/* onRoom(namespace): its rooms are told to a hook from now on. */
static JSValue
native_on_room(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    sio_namespace   *nsp = find_namespace(in, args[0]);

    (void)self, (void)n_args;
    if (nsp != NULL)
        sio_on_room(nsp, on_script_room, in);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("serverSideEmit", 5, native_server_side_emit),
    SIO_NATIVE_ENTRY("onServerSide", 2, native_on_server_side),
    SIO_NATIVE_ENTRY("onRoom", 1, native_on_room),
};

int
sio_native_instances_add(sio_interpreter *in, JSValueConst native)
{
    static const JSClassDef question_class = {.class_name = "NativeQuestion",
                                              .finalizer = finalize_question};

    if (sio_native_add_class(in, &in->question_class, &question_class, NULL, 0) != 0)
        return -1;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}

void
sio_native_instances_free(sio_interpreter *in)
{
    while (!sio_link_empty(&in->listeners)) {
        script_listener *l = SIO_CONTAINER(in->listeners.next, script_listener, link);

        sio_link_remove(&l->link);
        free(l);
    }
}
