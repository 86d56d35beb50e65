#include "server/script/native_content.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
sio_native_content_free(JSContext *context, sio_native_content *c)
{
    JS_FreeCString(context, c->content.event);
    JS_FreeCString(context, c->text);
    sio_buf_fini(&c->json);
    free(c->attachments);
}

static int
take_length(JSContext *context, JSValueConst list, uint32_t *n)
{
    return JS_ToUint32(context, n, JS_GetPropertyStr(context, list, "length"));
}

/* --- Arguments. --- */

/* Half of a surrogate pair, which UTF-8 has not: JSON.stringify() knows what to do with it. */
static bool
has_half_pair(sio_view text)
{
    const char *at = text.data, *end = text.data + text.len;

    while ((at = memchr(at, 0xed, (size_t)(end - at))) != NULL && ++at < end)
        if ((unsigned char)*at >= 0xa0)
            return true;
    return false;
}

static bool
add_string(JSContext *context, JSValueConst value, sio_buf *json)
{
    sio_view text;
    bool     is_added;

    if ((text.data = JS_ToCStringLen(context, &text.len, value)) == NULL)
        return false;
    is_added = !has_half_pair(text);
    if (is_added)
        sio_buf_add_json_string(json, text, SIO_JSON_PLAIN);
    JS_FreeCString(context, text.data);
    return is_added;
}

static bool
add_number(JSContext *context, JSValueConst value, sio_buf *json)
{
    double      n;
    const char *text;

    if (JS_ToFloat64(context, &n, value) != 0)
        return false;
    text = isfinite(n) ? JS_ToCString(context, value) : NULL;
    sio_buf_add_str(json, text != NULL ? text : "null");
    JS_FreeCString(context, text);
    return !JS_HasException(context);
}

/* False: it is nothing so simple. */
static bool
add_simple(JSContext *context, JSValueConst value, sio_buf *json)
{
    if (JS_IsString(value))
        return add_string(context, value, json);
    if (JS_IsNumber(value))
        return add_number(context, value, json);
    if (!JS_IsBool(value) && !JS_IsNull(value) && !JS_IsUndefined(value))
        return false;
    sio_buf_add_str(json, !JS_IsBool(value)               ? "null"
                          : JS_VALUE_GET_BOOL(value) != 0 ? "true"
                                                          : "false");
    return true;
}

/* What JSON.stringify() says, in a sixth of its time. False: that has to say it. */
static bool
write_simple(JSContext *context, JSValueConst list, sio_buf *json)
{
    uint32_t n = 0;
    bool     is_simple = take_length(context, list, &n) == 0;

    sio_buf_add_char(json, '[');
    for (uint32_t i = 0; is_simple && i < n; i++) {
        JSValue one = JS_GetPropertyUint32(context, list, i);

        if (i > 0)
            sio_buf_add_char(json, ',');
        is_simple = add_simple(context, one, json);
        JS_FreeValue(context, one);
    }
    sio_buf_add_char(json, ']');
    return is_simple && !json->failed;
}

static int
take_name(JSContext *context, JSValueConst name, sio_native_content *c)
{
    if (JS_IsUndefined(name))
        return 0;
    c->content.event = JS_ToCStringLen(context, &c->content.event_len, name);
    return c->content.event != NULL ? 0 : -1;
}

static int
take_text(JSContext *context, JSValueConst json, sio_native_content *c)
{
    c->text = JS_ToCStringLen(context, &c->content.args_len, json);
    c->content.args_json = c->text;
    return c->text != NULL ? 0 : -1;
}

static int
take_arguments(JSContext *context, JSValueConst args, sio_native_content *c)
{
    JSValue json;
    int     rc;

    if (!JS_IsArray(context, args))
        return take_text(context, args, c);
    if (write_simple(context, args, &c->json)) {
        c->content.args_json = c->json.data;
        c->content.args_len = c->json.len;
        return 0;
    }
    if (JS_HasException(context))
        return -1;
    json = JS_JSONStringify(context, args, JS_UNDEFINED, JS_UNDEFINED);
    rc = JS_IsException(json) ? -1 : take_text(context, json, c);
    JS_FreeValue(context, json);
    return rc;
}

/* --- Attachments. --- */

/* Bytes of an array of ArrayBuffers, borrowed from them. */
static int
take_attachments(JSContext *context, JSValueConst list, sio_native_content *c)
{
    uint32_t n = 0;

    if (take_length(context, list, &n) != 0)
        return -1;
    if (n == 0)
        return 0;
    if ((c->attachments = calloc(n, sizeof *c->attachments)) == NULL) {
        JS_ThrowOutOfMemory(context);
        return -1;
    }
    for (uint32_t i = 0; i < n; i++) {
        JSValue  one = JS_GetPropertyUint32(context, list, i);
        size_t   len = 0, from = 0, all = 0;
        JSValue  buffer = JS_GetTypedArrayBuffer(context, one, &from, &len, NULL);
        uint8_t *bytes = JS_IsException(buffer) ? NULL : JS_GetArrayBuffer(context, &all, buffer);

        c->attachments[i] = (sio_bytes){bytes != NULL ? (const char *)bytes + from : "", len};
        JS_FreeValue(context, buffer); /* `one` is in the list, and keeps it */
        JS_FreeValue(context, one);
        if (JS_HasException(context))
            return -1;
    }
    c->content.attachments = c->attachments;
    c->content.n_attachments = n;
    return 0;
}

int
sio_native_content_take(JSContext *context, JSValueConst *args, sio_native_content *c)
{
    int32_t flags = 0;

    memset(c, 0, sizeof *c);
    sio_buf_init(&c->json, SIZE_MAX);
    if (take_name(context, args[0], c) != 0 || take_arguments(context, args[1], c) != 0 ||
        (!JS_IsUndefined(args[2]) && take_attachments(context, args[2], c) != 0) ||
        JS_ToInt32(context, &flags, args[3]) != 0) {
        sio_native_content_free(context, c);
        return -1;
    }
    c->content.is_volatile = (flags & SIO_NATIVE_VOLATILE) != 0;
    c->content.no_compress = (flags & SIO_NATIVE_NO_COMPRESS) != 0;
    return 0;
}

JSValue
sio_native_content_attachments(JSContext *context, const sio_bytes *attachments, size_t n)
{
    JSValue list;

    if (n == 0)
        return JS_UNDEFINED;
    list = JS_NewArray(context);
    for (size_t i = 0; i < n && !JS_IsException(list); i++) {
        JSValue      buffer = JS_NewArrayBufferCopy(context, (const uint8_t *)attachments[i].data,
                                                    attachments[i].len);
        JSValueConst of_array[3] = {buffer, JS_UNDEFINED, JS_UNDEFINED}; /* it looks at three */
        JSValue      one = JS_IsException(buffer)
                               ? buffer
                               : JS_NewTypedArray(context, 3, of_array, JS_TYPED_ARRAY_UINT8);

        JS_FreeValue(context, buffer);
        if (JS_IsException(one) || JS_SetPropertyUint32(context, list, (uint32_t)i, one) < 0) {
            JS_FreeValue(context, list);
            list = JS_EXCEPTION;
        }
    }
    return list;
}
