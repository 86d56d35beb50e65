#include "server/script/native.h"

#include <stdlib.h>

/* A client that the script has to decide about; the object is its. */
typedef struct {
    sio_link         link; /* in->decisions */
    sio_interpreter *in;
    sio_decision    *decision;
    JSValue          object; /* of the script, which may free it: this does not keep it */
} script_decision;

/* It is gone, and whoever has it does nothing with it any more. */
static sio_decision *
take_decision(script_decision *d)
{
    sio_decision *decision = d->decision;

    JS_SetOpaque(d->object, NULL);
    sio_link_remove(&d->link);
    free(d);
    return decision;
}

static void
decide_away(void *decision)
{
    sio_decide(decision, SIO_AWAY);
}

/* Nobody has it any more, so nobody will decide. Not in here: that may call the script. */
static void
finalize_decision(JSRuntime *runtime, JSValue object)
{
    JSClassID        class_id;
    script_decision *d = JS_GetAnyOpaque(object, &class_id);
    sio_server      *io;

    (void)runtime;
    if (d == NULL)
        return;
    io = d->in->io;
    (void)sio_after(io, 0, decide_away, take_decision(d)); /* NULL: the client waits in vain */
}

static sio_verdict
verdict_of(int32_t number)
{
    return number >= SIO_ACCEPT && number <= SIO_AWAY ? (sio_verdict)number : SIO_REFUSE;
}

/* decide(verdict, message or undefined, dataJson or undefined), once */
static JSValue
decision_decide(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_decision *d;
    sio_decision    *decision;
    int32_t          verdict;
    const char      *message = NULL, *data = NULL;

    (void)n_args;
    if (JS_ToInt32(context, &verdict, args[0]) != 0)
        return JS_EXCEPTION;
    if (!JS_IsUndefined(args[1]) && (message = JS_ToCString(context, args[1])) == NULL)
        return JS_EXCEPTION;
    if (!JS_IsUndefined(args[2]) && (data = JS_ToCString(context, args[2])) == NULL) {
        JS_FreeCString(context, message);
        return JS_EXCEPTION;
    }
    d = JS_GetOpaque(self, sio_interpreter_of(context)->decision_class);
    decision = d != NULL ? take_decision(d) : NULL;
    if (decision != NULL && message != NULL)
        (void)sio_decide_error(decision, message, data);
    else if (decision != NULL)
        sio_decide(decision, verdict_of(verdict));
    JS_FreeCString(context, message);
    JS_FreeCString(context, data);
    return JS_NewBool(context, decision != NULL);
}

/* acceptWith(handshakeJson), once: with another handshake */
static JSValue
decision_accept_with(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_decision *d;
    const char      *json = JS_ToCString(context, args[0]);

    (void)n_args;
    if (json == NULL)
        return JS_EXCEPTION;
    d = JS_GetOpaque(self, sio_interpreter_of(context)->decision_class);
    if (d != NULL) /* lib/ gives JSON; else it stays as it was */
        (void)sio_decide_handshake(take_decision(d), json);
    JS_FreeCString(context, json);
    return JS_NewBool(context, d != NULL);
}

static const JSCFunctionListEntry decision_methods[] = {
    SIO_NATIVE_ENTRY("acceptWith", 1, decision_accept_with),
    SIO_NATIVE_ENTRY("decide", 3, decision_decide),
};

/* What arg of an authorization points to: lives as long as the interpreter. */
typedef struct {
    sio_link         link; /* in->guards */
    sio_interpreter *in;
    JSValue          fn;
} script_guard;

static void
on_script_decision(sio_decision *decision, const char *handshake_json, void *arg)
{
    script_guard    *g = arg;
    sio_interpreter *in = g->in;
    script_decision *d = calloc(1, sizeof *d);
    sio_namespace   *nsp = sio_decision_namespace(decision);
    JSValue          args[5];

    if (d == NULL || in->has_ended) {
        free(d);
        sio_decide(decision, SIO_AWAY);
        return;
    }
    sio_link_init(&d->link);
    d->in = in;
    d->decision = decision;
    d->object = args[0] = JS_NewObjectClass(in->context, (int)in->decision_class);
    sio_link_append(&in->decisions, &d->link);
    JS_SetOpaque(args[0], d);
    if (!JS_IsObject(args[0])) {
        sio_interpreter_report(in);
        sio_decide(take_decision(d), SIO_AWAY);
        return;
    }
    args[1] = JS_NewString(in->context, handshake_json);
    args[2] = JS_NewString(in->context, sio_decision_auth(decision));
    args[3] = JS_NewString(in->context, sio_decision_id(decision));
    args[4] = JS_NewString(in->context, nsp != NULL ? sio_namespace_name(nsp) : "");
    JS_FreeValue(in->context,
                 sio_interpreter_call(in, "an authorization", g->fn, JS_UNDEFINED, 5, args));
    for (size_t i = 0; i < 5; i++)
        JS_FreeValue(in->context, args[i]);
}

static script_guard *
new_guard(sio_interpreter *in, JSValueConst fn)
{
    script_guard *g = calloc(1, sizeof *g);

    if (g == NULL)
        return NULL;
    sio_link_init(&g->link);
    g->in = in;
    g->fn = JS_DupValue(in->context, fn);
    sio_link_append(&in->guards, &g->link);
    return g;
}

/* authorization(fn): of every handshake, for applications of 0.9 */
static JSValue
native_authorization(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    script_guard    *g = new_guard(in, args[0]);

    (void)self, (void)n_args;
    if (g == NULL)
        return JS_ThrowOutOfMemory(context);
    sio_authorization(in->io, on_script_decision, g);
    return JS_UNDEFINED;
}

/* use(namespace, fn) */
static JSValue
native_use(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    const char      *name = JS_ToCString(context, args[0]);
    sio_namespace   *nsp = name != NULL ? sio_of(in->io, name) : NULL;
    script_guard    *g = nsp != NULL ? new_guard(in, args[1]) : NULL;

    (void)self, (void)n_args;
    JS_FreeCString(context, name);
    if (g == NULL || sio_use(nsp, on_script_decision, g) != 0)
        return sio_interpreter_throw(context);
    return JS_UNDEFINED;
}

/* fn(name, authJson): whether a client may have a namespace of that name; see lib/. */
static bool
on_script_match(const char *name, const char *auth_json, void *arg)
{
    script_guard    *g = arg;
    sio_interpreter *in = g->in;
    JSValue args[2] = {JS_NewString(in->context, name), JS_NewString(in->context, auth_json)};
    JSValue result =
        sio_interpreter_call(in, "a name of a namespace", g->fn, JS_UNDEFINED, 2, args);
    const bool is_wanted = JS_ToBool(in->context, result) == 1;

    JS_FreeValue(in->context, result);
    JS_FreeValue(in->context, args[0]);
    JS_FreeValue(in->context, args[1]);
    return is_wanted;
}

/*
 * ofMatch(match, fn): namespaces whose names match knows are made as clients want them; fn is asked
 * about each client, as by use().
 */
static JSValue
native_of_match(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter *in = sio_interpreter_of(context);
    script_guard    *match = new_guard(in, args[0]), *g = new_guard(in, args[1]);
    sio_namespace   *parent =
        match != NULL && g != NULL ? sio_of_match(in->io, on_script_match, match) : NULL;

    (void)self, (void)n_args;
    if (parent == NULL || sio_use(parent, on_script_decision, g) != 0)
        return sio_interpreter_throw(context);
    sio_native_clients_hear(in, parent);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("ofMatch", 2, native_of_match),
    SIO_NATIVE_ENTRY("authorization", 1, native_authorization),
    SIO_NATIVE_ENTRY("use", 2, native_use),
};

int
sio_native_guards_add(sio_interpreter *in, JSValueConst native)
{
    static const JSClassDef decision_class = {.class_name = "NativeDecision",
                                              .finalizer = finalize_decision};

    if (sio_native_add_class(in, &in->decision_class, &decision_class, decision_methods,
                             (int)(sizeof decision_methods / sizeof decision_methods[0])) != 0)
        return -1;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}

void
sio_native_guards_drop_decisions(sio_interpreter *in)
{
    while (!sio_link_empty(&in->decisions))
        sio_decide(take_decision(SIO_CONTAINER(in->decisions.next, script_decision, link)),
                   SIO_AWAY);
}

void
sio_native_guards_free(sio_interpreter *in)
{
    while (!sio_link_empty(&in->guards)) {
        script_guard *g = SIO_CONTAINER(in->guards.next, script_guard, link);

        sio_link_remove(&g->link);
        JS_FreeValue(in->context, g->fn);
        free(g);
    }
}
