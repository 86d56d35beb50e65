/*
 * server/script/native_redis.c - connections to Redis that a script has for itself; lib/redis*.js
 * makes clients of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/script/native.h"
#include "server/script/native_callback.h"
#include "store/redis_words.h"
#include "store/store.h"

/* fn(what, ...) is called with "up"; "down", reason; or "heard", [words]. */
typedef struct {
    sio_link         link; /* in->connections */
    sio_interpreter *in;
    sio_redis_words *words;
    JSValue          object; /* with the methods, which do nothing when this is freed */
    JSValue          fn;
    bool             is_closed; /* it is freed soon, not in a callback of its own ... */
    sio_timeout     *end;       /* ... but by this */
} script_redis;

/* An answer is for fn(error or null, answer). */
typedef struct {
    sio_native_callback *callback;
    bool                 as_bytes; /* texts are not decoded */
} awaited_answer;

/* --- Values. --- */

static JSValue
error_of(JSContext *context, sio_view text)
{
    JSValue error = JS_NewError(context);

    JS_DefinePropertyValueStr(context, error, "message",
                              JS_NewStringLen(context, text.data, text.len),
                              JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    return error;
}

static JSValue
bytes_of(JSContext *context, sio_view text)
{
    JSValue      buffer = JS_NewArrayBufferCopy(context, (const uint8_t *)text.data, text.len);
    JSValueConst of_array[3] = {buffer, JS_UNDEFINED, JS_UNDEFINED}; /* it looks at three */
    JSValue      bytes = JS_NewTypedArray(context, 3, of_array, JS_TYPED_ARRAY_UINT8);

    JS_FreeValue(context, buffer);
    return bytes;
}

/* Lists are in lists at most as deep as hiredis reads them, 9. */
static JSValue /* NOLINTNEXTLINE(misc-no-recursion) */
value_of(JSContext *context, const sio_redis_answer *a, bool as_bytes)
{
    JSValue list;

    switch (sio_redis_answer_kind(a)) {
    case SIO_REDIS_TEXT:
        if (as_bytes)
            return bytes_of(context, sio_redis_answer_text(a));
        /* fall through */
    case SIO_REDIS_STATUS:
        return JS_NewStringLen(context, sio_redis_answer_text(a).data,
                               sio_redis_answer_text(a).len);
    case SIO_REDIS_ERROR:
        return error_of(context, sio_redis_answer_text(a));
    case SIO_REDIS_INTEGER:
        return JS_NewInt64(context, sio_redis_answer_integer(a));
    case SIO_REDIS_LIST:
        list = JS_NewArray(context);
        for (size_t i = 0; i < sio_redis_answer_count(a); i++)
            (void)JS_SetPropertyUint32(context, list, (uint32_t)i,
                                       value_of(context, sio_redis_answer_item(a, i), as_bytes));
        return list;
    case SIO_REDIS_NIL:
        break;
    }
    return JS_NULL;
}

/* --- What Redis says. --- */

static void
tell_redis(script_redis *r, const char *what, JSValue more)
{
    JSContext *context = r->in->context;
    JSValue    args[2] = {JS_NewString(context, what), more};
    JSValue    fn = JS_DupValue(context, r->fn); /* it may close itself */

    if (!r->is_closed)
        JS_FreeValue(context, sio_interpreter_call(r->in, "a connection to Redis", fn, JS_UNDEFINED,
                                                   2, args));
    JS_FreeValue(context, fn);
    JS_FreeValue(context, args[0]);
    JS_FreeValue(context, args[1]);
}

static void
on_script_redis_up(void *arg)
{
    tell_redis(arg, "up", JS_UNDEFINED);
}

static void
on_script_redis_down(void *arg, const char *reason)
{
    script_redis *r = arg;

    tell_redis(r, "down", JS_NewString(r->in->context, reason));
}

static void
on_script_redis_heard(void *arg, const sio_redis_answer *what)
{
    script_redis *r = arg;

    tell_redis(r, "heard", value_of(r->in->context, what, false));
}

static void
on_script_redis_answer(const sio_redis_answer *answer, void *arg)
{
    awaited_answer      *a = arg;
    sio_native_callback *callback = a->callback;
    JSContext           *context = callback->in->context;
    JSValue              args[2] = {JS_NULL, JS_UNDEFINED};

    if (answer == NULL)
        args[0] = error_of(context, SIO_VIEW("The connection to Redis was lost"));
    else if (sio_redis_answer_kind(answer) == SIO_REDIS_ERROR)
        args[0] = error_of(context, sio_redis_answer_text(answer));
    else
        args[1] = value_of(context, answer, a->as_bytes);
    free(a);
    sio_native_callback_call(callback, "an answer of Redis", 2, args);
}

/* --- What the script says. --- */

/* A word, to be freed: its bytes where it is a Uint8Array, else its text. */
static int
take_word(JSContext *context, JSValueConst value, sio_view *word, bool *is_text)
{
    size_t   from = 0, len = 0, all = 0;
    JSValue  buffer;
    uint8_t *bytes;

    *is_text = !JS_IsObject(value);
    if (*is_text) {
        word->data = JS_ToCStringLen(context, &word->len, value);
        return word->data != NULL ? 0 : -1;
    }
    buffer = JS_GetTypedArrayBuffer(context, value, &from, &len, NULL);
    bytes = JS_IsException(buffer) ? NULL : JS_GetArrayBuffer(context, &all, buffer);
    *word = (sio_view){bytes != NULL ? (const char *)bytes + from : "", len};
    JS_FreeValue(context, buffer); /* the value keeps it */
    return JS_HasException(context) ? -1 : 0;
}

static const char *
why_not(int rc)
{
    switch (rc) {
    case SIO_BAD:
        return "a connection to Redis can not be asked for that";
    case SIO_ERR_UNAVAILABLE:
        return "not connected to Redis";
    case SIO_ERR_FULL:
        return "too much waits for Redis";
    default:
        return "out of memory";
    }
}

static int
send_command(script_redis *r, const sio_view *words, size_t n, JSValueConst fn, bool as_bytes)
{
    awaited_answer *a = NULL;
    int             rc = SIO_ERR_NOMEM;

    if (JS_IsUndefined(fn))
        return sio_redis_words_send(r->words, words, n, NULL, NULL);
    if ((a = malloc(sizeof *a)) != NULL &&
        (a->callback = sio_native_callback_new(r->in, fn)) != NULL) {
        a->as_bytes = as_bytes;
        rc = sio_redis_words_send(r->words, words, n, on_script_redis_answer, a);
        if (rc != SIO_OK)
            sio_native_callback_free(a->callback);
    }
    if (rc != SIO_OK)
        free(a);
    return rc;
}

/* send(words, fn or undefined, as bytes?): of one that listens without fn. */
static JSValue
redis_send(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_redis *r = JS_GetOpaque(self, sio_interpreter_of(context)->redis_class);
    JSValue       length = JS_GetPropertyStr(context, args[0], "length");
    uint32_t      n = 0, n_taken = 0;
    sio_view     *words = NULL;
    bool         *is_text = NULL;
    int           rc = SIO_OK;

    (void)n_args;
    if (r == NULL || r->is_closed)
        return JS_ThrowTypeError(context, "the connection to Redis is closed");
    if (JS_ToUint32(context, &n, length) != 0)
        return JS_EXCEPTION;
    if (n <= SIO_REDIS_WORDS_MAX_WORDS) {
        words = calloc(n + 1, sizeof *words);
        is_text = calloc(n + 1, sizeof *is_text);
    }
    for (; words != NULL && is_text != NULL && n_taken < n && rc == SIO_OK; n_taken++) {
        JSValue word = JS_GetPropertyUint32(context, args[0], n_taken);

        rc = take_word(context, word, &words[n_taken], &is_text[n_taken]);
        JS_FreeValue(context, word); /* a text is a copy; bytes are in the list */
        if (rc != 0)
            break;
    }
    if (words == NULL || is_text == NULL)
        JS_ThrowRangeError(context, "too many words for Redis");
    else if (rc == SIO_OK &&
             (rc = send_command(r, words, n, args[1], JS_ToBool(context, args[2]) == 1)) != SIO_OK)
        JS_ThrowTypeError(context, "%s", why_not(rc));
    for (uint32_t i = 0; i < n_taken; i++)
        if (is_text[i])
            JS_FreeCString(context, words[i].data);
    free(words);
    free(is_text);
    return JS_HasException(context) ? JS_EXCEPTION : JS_UNDEFINED;
}

static void
free_redis(script_redis *r)
{
    JSContext *context = r->in->context;

    r->is_closed = true;
    sio_cancel(r->end);
    sio_link_remove(&r->link);
    sio_redis_words_free(r->words); /* calls what is awaited */
    JS_SetOpaque(r->object, NULL);
    JS_FreeValue(context, r->object);
    JS_FreeValue(context, r->fn);
    free(r);
}

static void
on_closed(void *arg)
{
    script_redis *r = arg;

    r->end = NULL;
    free_redis(r);
}

/* close(): nothing more is told, but that what is awaited will not be answered. */
static JSValue
redis_close(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    script_redis *r = JS_GetOpaque(self, sio_interpreter_of(context)->redis_class);

    (void)n_args, (void)args;
    if (r != NULL && !r->is_closed) {
        r->is_closed = true;
        r->end = sio_after(r->in->io, 0, on_closed, r);
    }
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry methods[] = {
    SIO_NATIVE_ENTRY("send", 3, redis_send),
    SIO_NATIVE_ENTRY("close", 0, redis_close),
};

/* --- Life. --- */

/* Where it is, if a connection of a script can be made there; else false, with why. */
static bool
take_url(const char *text, sio_redis_url *url, char *error, size_t error_size)
{
    if (sio_redis_url_parse(text, url, error, error_size) != SIO_OK)
        return false;
    if (!url->has_tls && url->n_sentinels == 0 && url->n_seeds == 0)
        return true;
    snprintf(error, error_size,
             "a script's own client of Redis speaks neither TLS nor to sentinels nor to a Redis "
             "Cluster; the option --redis does, and needs no client");
    return false;
}

/* redis(url, listens, fn): an object with the methods, which is there until it is closed. */
static JSValue
native_redis(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_interpreter    *in = sio_interpreter_of(context);
    const char         *text = JS_ToCString(context, args[0]);
    script_redis       *r = text != NULL ? calloc(1, sizeof *r) : NULL;
    char                error[256] = "out of memory";
    sio_redis_url       url;
    sio_redis_words_cfg cfg = {.base = sio_loop(in->io),
                               .url = &url,
                               .listens = JS_ToBool(context, args[1]) == 1,
                               .up = on_script_redis_up,
                               .down = on_script_redis_down,
                               .heard = on_script_redis_heard,
                               .arg = r};

    (void)self, (void)n_args;
    if (r == NULL || !take_url(text, &url, error, sizeof error) ||
        sio_redis_words_new(&r->words, &cfg) != SIO_OK) {
        JS_FreeCString(context, text);
        free(r);
        return JS_ThrowTypeError(context, "%s", error);
    }
    JS_FreeCString(context, text);
    r->in = in;
    r->fn = JS_DupValue(context, args[2]);
    r->object = JS_NewObjectClass(context, (int)in->redis_class);
    JS_SetOpaque(r->object, r);
    sio_link_init(&r->link);
    sio_link_append(&in->connections, &r->link);
    return JS_DupValue(context, r->object);
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("redis", 3, native_redis),
};

int
sio_native_redis_add(sio_interpreter *in, JSValueConst native)
{
    static const JSClassDef redis_class = {.class_name = "NativeRedis"};

    if (sio_native_add_class(in, &in->redis_class, &redis_class, methods,
                             (int)(sizeof methods / sizeof methods[0])) != 0)
        return -1;
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}

void
sio_native_redis_free(sio_interpreter *in)
{
    while (!sio_link_empty(&in->connections))
        free_redis(SIO_CONTAINER(in->connections.next, script_redis, link));
}
