/*
 * server/script/native_bytes.h - bytes of the script: a string (as UTF-8) or a Uint8Array; and text
 * that is bytes elsewhere.
 */
#ifndef SIO_SCRIPT_NATIVE_BYTES_H
#define SIO_SCRIPT_NATIVE_BYTES_H

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/script/interpreter.h"

typedef struct {
    sio_view    view;   /* borrowed from the value, or from text */
    const char *text;   /* of a string; NULL: of none */
    JSValue     buffer; /* of an array; JS_UNDEFINED: of none */
} sio_native_bytes;

/*
 * The bytes of a value, which nothing of the script may change before they are freed. 0, or -1 with
 * an exception, and nothing is to be freed. undefined and null are none.
 */
int  sio_native_bytes_take(JSContext *context, JSValueConst value, sio_native_bytes *bytes);
void sio_native_bytes_free(JSContext *context, sio_native_bytes *bytes);

/* Bytes as a string with a character for each, as Node has heads of requests. */
JSValue sio_native_bytes_text(JSContext *context, sio_view bytes);

/* The other way, with a NUL behind it: characters above U+00FF become '?'. */
void sio_native_bytes_add_text(const char *utf8, sio_buf *out);

#endif
