#include "server/script/native_content.h"

#include <stdlib.h>
#include <string.h>

void
sio_native_content_free(JSContext *context, sio_native_content *c)
{
    JS_FreeCString(context, c->content.event);
    JS_FreeCString(context, c->content.args_json);
    free(c->attachments);
}

/* Bytes of an array of ArrayBuffers, borrowed from them. */
static int
take_attachments(JSContext *context, JSValueConst list, sio_native_content *c)
{
    JSValue  length = JS_GetPropertyStr(context, list, "length");
    uint32_t n = 0;

    if (JS_ToUint32(context, &n, length) != 0)
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
    c->content.event = JS_ToCStringLen(context, &c->content.event_len, args[0]);
    c->content.args_json = JS_ToCStringLen(context, &c->content.args_len, args[1]);
    if (c->content.event == NULL || c->content.args_json == NULL ||
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
