#include "server/script/native.h"

#include <stdlib.h>
#include <string.h>

#include "server/script/native_callback.h"
#include "server/script/native_content.h"

enum { MAX_ROOMS = 64 };

/* Who is meant, of an object {rooms, exceptRooms}; names are to be freed. */
typedef struct {
    sio_to      to;
    const char *rooms[MAX_ROOMS + 1], *except[MAX_ROOMS + 1];
} receivers;

static void
free_receivers(JSContext *context, receivers *r)
{
    for (size_t i = 0; r->rooms[i] != NULL; i++)
        JS_FreeCString(context, r->rooms[i]);
    for (size_t i = 0; r->except[i] != NULL; i++)
        JS_FreeCString(context, r->except[i]);
}

/* Names of an array; those beyond MAX_ROOMS are refused. */
static int
take_names(JSContext *context, JSValueConst list, const char *names[])
{
    JSValue  length = JS_GetPropertyStr(context, list, "length");
    uint32_t n = 0;

    if (JS_ToUint32(context, &n, length) != 0)
        return -1;
    if (n > MAX_ROOMS) {
        JS_ThrowRangeError(context, "at most %d rooms at once", MAX_ROOMS);
        return -1;
    }
    for (uint32_t i = 0; i < n; i++) {
        JSValue name = JS_GetPropertyUint32(context, list, i);

        names[i] = JS_ToCString(context, name);
        JS_FreeValue(context, name);
        if (names[i] == NULL)
            return -1;
    }
    return 0;
}

/* rooms, exceptRooms, flags */
static int
take_receivers(JSContext *context, JSValueConst *args, receivers *r)
{
    int32_t flags = 0;

    memset(r, 0, sizeof *r);
    if (take_names(context, args[0], r->rooms) != 0 ||
        take_names(context, args[1], r->except) != 0 || JS_ToInt32(context, &flags, args[2]) != 0) {
        free_receivers(context, r);
        return -1;
    }
    r->to.rooms = r->rooms[0] != NULL ? r->rooms : NULL;
    r->to.except_rooms = r->except[0] != NULL ? r->except : NULL;
    r->to.is_volatile = (flags & SIO_NATIVE_VOLATILE) != 0;
    r->to.no_compress = (flags & SIO_NATIVE_NO_COMPRESS) != 0;
    r->to.is_local = (flags & SIO_NATIVE_LOCAL) != 0;
    return 0;
}

static sio_namespace *
namespace_of(JSContext *context, JSValueConst name_value)
{
    const char    *name = JS_ToCString(context, name_value);
    sio_namespace *nsp = NULL;

    if (name != NULL)
        nsp = sio_find_namespace(sio_interpreter_of(context)->io, name);
    JS_FreeCString(context, name);
    return nsp;
}

/* broadcast(namespace, rooms, exceptRooms, flags, event, argsJson, attachments) */
static JSValue
native_broadcast(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_namespace     *nsp = namespace_of(context, args[0]);
    JSValueConst       of_content[4] = {args[4], args[5], args[6], args[3]};
    sio_native_content c;
    receivers          r;
    int                rc;

    (void)self, (void)n_args;
    if (nsp == NULL)
        return JS_UNDEFINED; /* nobody is there */
    if (take_receivers(context, args + 1, &r) != 0)
        return JS_EXCEPTION;
    if (sio_native_content_take(context, of_content, &c) != 0) {
        free_receivers(context, &r);
        return JS_EXCEPTION;
    }
    rc = sio_broadcast_n(nsp, &r.to, &c.content);
    sio_native_content_free(context, &c);
    free_receivers(context, &r);
    return rc == 0 ? JS_UNDEFINED : sio_interpreter_throw(context);
}

/* --- Questions to many. --- */

/* fn(answers as JSON text, complete?) */
static void
on_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    sio_native_callback *c = arg;
    JSContext           *context = c->in->context;
    const bool           is_whole =
        answers->n_answered == answers->n_asked && answers->n_reached == answers->n_instances;
    JSValue args[2] = {JS_NewStringLen(context, answers->json, answers->len),
                       JS_NewBool(context, is_whole)};

    (void)nsp;
    sio_native_callback_call(c, "an answer of many", 2, args);
}

/* broadcastAck(namespace, rooms, exceptRooms, flags, event, argsJson, attachments, ms, fn) */
static JSValue
native_broadcast_ack(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_namespace       *nsp = namespace_of(context, args[0]);
    JSValueConst         of_content[4] = {args[4], args[5], args[6], args[3]};
    sio_native_content   c;
    receivers            r;
    uint32_t             timeout_ms;
    sio_native_callback *callback;
    int                  rc = -1;

    (void)self, (void)n_args;
    if (JS_ToUint32(context, &timeout_ms, args[7]) != 0 ||
        take_receivers(context, args + 1, &r) != 0)
        return JS_EXCEPTION;
    if (sio_native_content_take(context, of_content, &c) != 0) {
        free_receivers(context, &r);
        return JS_EXCEPTION;
    }
    callback = sio_native_callback_new(sio_interpreter_of(context), args[8]);
    if (callback != NULL && nsp != NULL)
        rc = sio_broadcast_ack_n(nsp, &r.to, &c.content, timeout_ms, on_answers, callback);
    sio_native_content_free(context, &c);
    free_receivers(context, &r);
    if (rc == 0)
        return JS_UNDEFINED;
    sio_native_callback_free(callback);
    return sio_interpreter_throw(context);
}

/* fetch(namespace, rooms, exceptRooms, flags, ms, fn) */
static JSValue
native_fetch(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_namespace       *nsp = namespace_of(context, args[0]);
    receivers            r;
    uint32_t             timeout_ms;
    sio_native_callback *callback;
    int                  rc = -1;

    (void)self, (void)n_args;
    if (JS_ToUint32(context, &timeout_ms, args[4]) != 0 ||
        take_receivers(context, args + 1, &r) != 0)
        return JS_EXCEPTION;
    callback = sio_native_callback_new(sio_interpreter_of(context), args[5]);
    if (callback != NULL && nsp != NULL)
        rc = sio_fetch(nsp, &r.to, timeout_ms, on_answers, callback);
    free_receivers(context, &r);
    if (rc == 0)
        return JS_UNDEFINED;
    sio_native_callback_free(callback);
    return sio_interpreter_throw(context);
}

/* --- What many are to do. --- */

typedef enum { JOIN, LEAVE, DISCONNECT } order;

/* order(namespace, rooms, exceptRooms, flags, what, room, or close) */
static JSValue
native_order(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_namespace *nsp = namespace_of(context, args[0]);
    receivers      r;
    int32_t        what;
    const char    *room;
    int            rc = 0;

    (void)self, (void)n_args;
    if (nsp == NULL)
        return JS_UNDEFINED;
    if (JS_ToInt32(context, &what, args[4]) != 0 || take_receivers(context, args + 1, &r) != 0)
        return JS_EXCEPTION;
    if ((room = JS_ToCString(context, args[5])) == NULL) {
        free_receivers(context, &r);
        return JS_EXCEPTION;
    }
    switch ((order)what) {
    case JOIN:
        rc = sio_each_join(nsp, &r.to, room);
        break;
    case LEAVE:
        rc = sio_each_leave(nsp, &r.to, room);
        break;
    case DISCONNECT:
        rc = sio_each_disconnect(nsp, &r.to, JS_ToBool(context, args[5]) == 1);
        break;
    }
    JS_FreeCString(context, room);
    free_receivers(context, &r);
    return rc == 0 ? JS_UNDEFINED : sio_interpreter_throw(context);
}

/* --- Who is here. --- */

typedef struct {
    JSContext *context;
    JSValue    list;
    uint32_t   n;
} id_list;

static void
add_id(sio_socket *socket, void *arg)
{
    id_list *l = arg;

    if (JS_SetPropertyUint32(l->context, l->list, l->n, JS_NewString(l->context, sio_id(socket))) >=
        0)
        l->n++;
}

/* members(namespace, room): ids of this instance's */
static JSValue
native_members(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_namespace *nsp = namespace_of(context, args[0]);
    const char    *room = JS_ToCString(context, args[1]);
    id_list        l = {context, JS_NewArray(context), 0};

    (void)self, (void)n_args;
    if (nsp != NULL && room != NULL)
        (void)sio_each(nsp, room, add_id, &l);
    JS_FreeCString(context, room);
    return l.list;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("members", 2, native_members),
    SIO_NATIVE_ENTRY("broadcast", 7, native_broadcast),
    SIO_NATIVE_ENTRY("broadcastAck", 9, native_broadcast_ack),
    SIO_NATIVE_ENTRY("fetch", 6, native_fetch),
    SIO_NATIVE_ENTRY("order", 6, native_order),
};

int
sio_native_many_add(sio_interpreter *in, JSValueConst native)
{
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}
