/*
 * server/script/native_content.h - what a script sends, as C takes it, and what came, as it gets it.
 */
#ifndef SIO_SCRIPT_NATIVE_CONTENT_H
#define SIO_SCRIPT_NATIVE_CONTENT_H

#include "server/script/interpreter.h"

/* Flags, as lib/ has them. */
enum { SIO_NATIVE_VOLATILE = 1, SIO_NATIVE_NO_COMPRESS = 2, SIO_NATIVE_LOCAL = 4 };

typedef struct {
    sio_content content;
    const char *text; /* of QuickJS; NULL: the arguments are in json */
    sio_buf     json;
    sio_bytes  *attachments;
} sio_native_content;

/*
 * Of four arguments: name or undefined, arguments as JSON or as an array without objects, an array
 * of Uint8Arrays or undefined, flags. It borrows their bytes. 0, and then it is to be freed; or -1
 * with an exception.
 */
int  sio_native_content_take(JSContext *context, JSValueConst *args, sio_native_content *c);
void sio_native_content_free(JSContext *context, sio_native_content *c);

/* Attachments as an array of Uint8Arrays that own their bytes; n 0: undefined. */
JSValue sio_native_content_attachments(JSContext *context, const sio_bytes *attachments, size_t n);

#endif
