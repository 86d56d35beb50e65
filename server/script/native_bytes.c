#include "server/script/native_bytes.h"

int
sio_native_bytes_take(JSContext *context, JSValueConst value, sio_native_bytes *bytes)
{
    size_t         from = 0, len = 0, all = 0;
    const uint8_t *data;

    *bytes = (sio_native_bytes){.view = SIO_VIEW(""), .buffer = JS_UNDEFINED};
    if (JS_IsUndefined(value) || JS_IsNull(value))
        return 0;
    if (JS_IsString(value)) {
        bytes->text = JS_ToCStringLen(context, &len, value);
        bytes->view = (sio_view){bytes->text, len};
        return bytes->text != NULL ? 0 : -1;
    }
    bytes->buffer = JS_GetTypedArrayBuffer(context, value, &from, &len, NULL);
    if (JS_IsException(bytes->buffer))
        return -1;
    data = JS_GetArrayBuffer(context, &all, bytes->buffer);
    if (data == NULL && JS_HasException(context)) {
        JS_FreeValue(context, bytes->buffer);
        return -1;
    }
    if (len > 0)
        bytes->view = (sio_view){(const char *)data + from, len};
    return 0;
}

void
sio_native_bytes_free(JSContext *context, sio_native_bytes *bytes)
{
    if (bytes->text != NULL)
        JS_FreeCString(context, bytes->text);
    JS_FreeValue(context, bytes->buffer);
}

JSValue
sio_native_bytes_text(JSContext *context, sio_view bytes)
{
    sio_buf text;
    JSValue result;

    sio_buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < bytes.len; i++) {
        const unsigned char c = (unsigned char)bytes.data[i];

        if (c >= 0x80)
            sio_buf_add_char(&text, (char)(0xc0 | c >> 6));
        sio_buf_add_char(&text, (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
    }
    result = text.failed ? JS_ThrowOutOfMemory(context)
                         : JS_NewStringLen(context, text.len > 0 ? text.data : "", text.len);
    sio_buf_fini(&text);
    return result;
}

void
sio_native_bytes_add_text(const char *utf8, sio_buf *out)
{
    const unsigned char *c = (const unsigned char *)utf8;

    while (*c != '\0') {
        const unsigned char first = *c++;

        if (first < 0x80)
            sio_buf_add_char(out, (char)first);
        else if (first == 0xc2 || first == 0xc3)
            sio_buf_add_char(out, (char)((first & 3) << 6 | (*c & 0x3f)));
        else
            sio_buf_add_char(out, '?');
        while ((*c & 0xc0) == 0x80)
            c++;
    }
    sio_buf_add_char(out, '\0');
}
