#include <string.h>

#include "server/script/native.h"

/* Where the values wait that a module of ours, or of CommonJS, exports: a property of `hooks`. */
static const char waiting[] = "importValues";

/* --- Text. --- */

/* Nobody asks a function of lib/ for its text, which would take a fifth of the memory. */
static JSValue
compile_script(JSContext *context, const char *source, size_t len, const char *path)
{
    JSRuntime *runtime = JS_GetRuntime(context);
    const bool is_ours = strncmp(path, "siobroker:", 10) == 0;
    JSValue    result;

    JS_SetStripInfo(runtime, is_ours ? JS_STRIP_SOURCE : 0);
    result = JS_Eval(context, source, len, path, JS_EVAL_TYPE_GLOBAL);
    JS_SetStripInfo(runtime, 0);
    return result;
}

/* compile(source, path): what the source is worth, which lib/modules.js makes a function */
static JSValue
native_compile(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    size_t      len;
    const char *source = JS_ToCStringLen(context, &len, args[0]);
    const char *path = source != NULL ? JS_ToCString(context, args[1]) : NULL;
    JSValue     result = JS_EXCEPTION;

    (void)self, (void)n_args;
    if (path != NULL)
        result = compile_script(context, source, len, path);
    JS_FreeCString(context, source);
    JS_FreeCString(context, path);
    return result;
}

/* parseJson(text, path): errors name the path */
static JSValue
native_parse_json(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    size_t      len;
    const char *text = JS_ToCStringLen(context, &len, args[0]);
    const char *path = text != NULL ? JS_ToCString(context, args[1]) : NULL;
    JSValue     result = JS_EXCEPTION;

    (void)self, (void)n_args;
    if (path != NULL)
        result = JS_ParseJSON(context, text, len, path);
    JS_FreeCString(context, text);
    JS_FreeCString(context, path);
    return result;
}

/* --- ES modules. lib/modules_es.js says what a name means, and what is in a file. --- */

static JSValue
call_hook(JSContext *context, const char *name, int n_args, JSValueConst *args)
{
    JSValue fn = JS_GetPropertyStr(context, sio_interpreter_of(context)->hooks, name);
    JSValue result = JS_IsException(fn) ? fn : JS_Call(context, fn, JS_UNDEFINED, n_args, args);

    JS_FreeValue(context, fn);
    return result;
}

/* Texts are freed. */
static JSValue
call_hook_with(JSContext *context, const char *name, JSValue a, JSValue b)
{
    JSValue args[2] = {a, b};
    JSValue result = JS_EXCEPTION;

    if (!JS_IsException(a) && !JS_IsException(b))
        result = call_hook(context, name, 2, args);
    JS_FreeValue(context, a);
    JS_FreeValue(context, b);
    return result;
}

static char *
normalize_module(JSContext *context, const char *from, const char *name, void *arg)
{
    JSValue     file = call_hook_with(context, "importResolve", JS_NewString(context, from),
                                      JS_NewString(context, name));
    const char *text = JS_IsException(file) ? NULL : JS_ToCString(context, file);
    char       *result = text != NULL ? js_strdup(context, text) : NULL;

    (void)arg;
    JS_FreeCString(context, text);
    JS_FreeValue(context, file);
    return result;
}

/* import.meta */
static int
describe_module(JSContext *context, JSModuleDef *m, const char *file)
{
    JSValue done = call_hook_with(context, "importMeta", JS_GetImportMeta(context, m),
                                  JS_NewString(context, file));

    if (JS_IsException(done))
        return -1;
    JS_FreeValue(context, done);
    return 0;
}

static JSModuleDef *
compile_module(JSContext *context, const char *file, JSValueConst source)
{
    size_t       len;
    const char  *text = JS_ToCStringLen(context, &len, source);
    JSValue      code;
    JSModuleDef *m;

    if (text == NULL)
        return NULL;
    code = JS_Eval(context, text, len, file, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    JS_FreeCString(context, text);
    if (JS_IsException(code)) {
        JS_FreeValue(context, call_hook_with(context, "importFailed", JS_GetException(context),
                                             JS_NewString(context, file)));
        return NULL;
    }
    m = JS_VALUE_GET_PTR(code);
    JS_FreeValue(context, code); /* the context has it */
    return describe_module(context, m, file) == 0 ? m : NULL;
}

typedef int (*name_fn)(JSContext *context, JSModuleDef *m, JSValueConst values, JSAtom atom,
                       const char *name);

/* fn of each own name of values. 0, or -1 and an exception. */
static int
each_name(JSContext *context, JSModuleDef *m, JSValueConst values, name_fn fn)
{
    JSPropertyEnum *names;
    uint32_t        n;
    int             rc = 0;

    if (JS_GetOwnPropertyNames(context, &names, &n, values,
                               JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) != 0)
        return -1;
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        const char *name = JS_AtomToCString(context, names[i].atom);

        rc = name != NULL ? fn(context, m, values, names[i].atom, name) : -1;
        JS_FreeCString(context, name);
    }
    for (uint32_t i = 0; i < n; i++)
        JS_FreeAtom(context, names[i].atom);
    js_free(context, names);
    return rc;
}

static int
add_name(JSContext *context, JSModuleDef *m, JSValueConst values, JSAtom atom, const char *name)
{
    (void)values, (void)atom;
    return JS_AddModuleExport(context, m, name);
}

static int
set_name(JSContext *context, JSModuleDef *m, JSValueConst values, JSAtom atom, const char *name)
{
    JSValue value = JS_GetProperty(context, values, atom);

    return JS_IsException(value) ? -1 : JS_SetModuleExport(context, m, name, value);
}

/* Its values wait under its name. */
static int
begin_values_module(JSContext *context, JSModuleDef *m)
{
    JSValue all = JS_GetPropertyStr(context, sio_interpreter_of(context)->hooks, waiting);
    JSAtom  file = JS_GetModuleName(context, m);
    JSValue values = JS_GetProperty(context, all, file);
    int     rc = JS_IsObject(values) ? each_name(context, m, values, set_name) : -1;

    (void)JS_DeleteProperty(context, all, file, 0);
    JS_FreeAtom(context, file);
    JS_FreeValue(context, values);
    JS_FreeValue(context, all);
    return rc;
}

static JSModuleDef *
make_values_module(JSContext *context, const char *file, JSValueConst values)
{
    JSModuleDef *m = JS_NewCModule(context, file, begin_values_module);
    JSValue      all = JS_GetPropertyStr(context, sio_interpreter_of(context)->hooks, waiting);
    int          rc = -1;

    if (m != NULL && JS_IsObject(all) && each_name(context, m, values, add_name) == 0)
        rc = JS_SetPropertyStr(context, all, file, JS_DupValue(context, values));
    JS_FreeValue(context, all);
    return rc >= 0 ? m : NULL;
}

static JSModuleDef *
load_module(JSContext *context, const char *file, void *arg)
{
    JSValue loaded =
        call_hook_with(context, "importLoad", JS_NewString(context, file), JS_UNDEFINED);
    JSValue      source = JS_UNDEFINED, values = JS_UNDEFINED;
    JSModuleDef *m = NULL;

    (void)arg;
    if (JS_IsObject(loaded)) {
        source = JS_GetPropertyStr(context, loaded, "source");
        values = JS_GetPropertyStr(context, loaded, "values");
    }
    if (JS_IsString(source))
        m = compile_module(context, file, source);
    else if (JS_IsObject(values))
        m = make_values_module(context, file, values);
    JS_FreeValue(context, source);
    JS_FreeValue(context, values);
    JS_FreeValue(context, loaded);
    return m;
}

/* importEs(file): a promise of its namespace */
static JSValue
native_import_es(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *file = JS_ToCString(context, args[0]);
    JSValue     result;

    (void)self, (void)n_args;
    if (file == NULL)
        return JS_EXCEPTION;
    result = JS_LoadModule(context, "/", file);
    JS_FreeCString(context, file);
    return result;
}

/* What a module that exports the namespace of another has become: of this, that one. */
static JSValue
namespace_of_promise(JSContext *context, JSModuleDef *m, JSValueConst promise)
{
    JSValue all, result;

    switch (JS_PromiseState(context, promise)) {
    case JS_PROMISE_PENDING:
        return JS_UNDEFINED;
    case JS_PROMISE_REJECTED:
        sio_interpreter_forget_rejection(sio_interpreter_of(context), promise);
        return JS_Throw(context, JS_PromiseResult(context, promise));
    case JS_PROMISE_FULFILLED:
        break;
    }
    all = JS_GetModuleNamespace(context, m);
    result = JS_IsException(all) ? all : JS_GetPropertyStr(context, all, "all");
    if (!JS_IsException(all))
        JS_FreeValue(context, all);
    return result;
}

/* requireEs(text): of a module "import * as all from ...; export {all};". undefined: it waits. */
static JSValue
native_require_es(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    size_t       len;
    const char  *text = JS_ToCStringLen(context, &len, args[0]);
    JSValue      code, promise, result;
    JSModuleDef *m;

    (void)self, (void)n_args;
    if (text == NULL)
        return JS_EXCEPTION;
    code = JS_Eval(context, text, len, "/", JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    JS_FreeCString(context, text);
    if (JS_IsException(code))
        return code;
    m = JS_VALUE_GET_PTR(code);
    promise = JS_EvalFunction(context, code);
    if (JS_IsException(promise))
        return promise;
    result = namespace_of_promise(context, m, promise);
    JS_FreeValue(context, promise);
    return result;
}

/* compileEs(source, path): is it right? */
static JSValue
native_compile_es(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    size_t      len;
    const char *source = JS_ToCStringLen(context, &len, args[0]);
    const char *path = source != NULL ? JS_ToCString(context, args[1]) : NULL;
    JSValue     code = JS_EXCEPTION;

    (void)self, (void)n_args;
    if (path != NULL)
        code = JS_Eval(context, source, len, path, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    JS_FreeCString(context, source);
    JS_FreeCString(context, path);
    if (JS_IsException(code))
        return code;
    JS_FreeValue(context, code);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("compileEs", 2, native_compile_es),
    SIO_NATIVE_ENTRY("compile", 2, native_compile),
    SIO_NATIVE_ENTRY("parseJson", 2, native_parse_json),
    SIO_NATIVE_ENTRY("importEs", 1, native_import_es),
    SIO_NATIVE_ENTRY("requireEs", 1, native_require_es),
};

int
sio_native_modules_add(sio_interpreter *in, JSValueConst native)
{
    JS_SetModuleLoaderFunc(in->runtime, normalize_module, load_module, NULL);
    if (JS_SetPropertyStr(in->context, in->hooks, waiting, JS_NewObject(in->context)) < 0)
        return -1;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}
