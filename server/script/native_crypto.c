#include "server/script/native.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>

enum { MAX_RANDOM_BYTES = 1 << 20 };

/* The bytes of a Uint8Array, which keeps them. False: it is none, with an exception. */
static bool
bytes_of(JSContext *context, JSValueConst array, sio_bytes *out)
{
    size_t   from, len, all;
    JSValue  buffer = JS_GetTypedArrayBuffer(context, array, &from, &len, NULL);
    uint8_t *bytes = JS_IsException(buffer) ? NULL : JS_GetArrayBuffer(context, &all, buffer);

    JS_FreeValue(context, buffer);
    if (JS_HasException(context))
        return false;
    *out = (sio_bytes){bytes != NULL ? (const char *)bytes + from : "", len};
    return true;
}

static JSValue
make_digest(JSContext *context, const EVP_MD *md, sio_bytes text, const sio_bytes *key)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned      len = 0;
    int           is_ok;

    if (key != NULL)
        is_ok = HMAC(md, key->data, (int)key->len, (const unsigned char *)text.data, text.len, out,
                     &len) != NULL;
    else
        is_ok = EVP_Digest(text.data, text.len, out, &len, md, NULL);
    return is_ok ? JS_NewArrayBufferCopy(context, out, len)
                 : JS_ThrowInternalError(context, "OpenSSL has failed");
}

/* digest(name, Uint8Array, key or undefined): an ArrayBuffer */
static JSValue
native_digest(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char   *name = JS_ToCString(context, args[0]);
    const EVP_MD *md = name != NULL ? EVP_get_digestbyname(name) : NULL;
    sio_bytes     text, key;

    (void)self, (void)n_args;
    if (name != NULL && md == NULL)
        JS_ThrowTypeError(context, "Invalid digest: %s", name);
    JS_FreeCString(context, name);
    if (md == NULL || !bytes_of(context, args[1], &text))
        return JS_EXCEPTION;
    if (JS_IsUndefined(args[2]))
        return make_digest(context, md, text, NULL);
    return bytes_of(context, args[2], &key) ? make_digest(context, md, text, &key) : JS_EXCEPTION;
}

/* random(n): an ArrayBuffer */
static JSValue
native_random(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    uint32_t       n;
    unsigned char *bytes;
    JSValue        result;

    (void)self, (void)n_args;
    if (JS_ToUint32(context, &n, args[0]) != 0)
        return JS_EXCEPTION;
    if (n > MAX_RANDOM_BYTES)
        return JS_ThrowRangeError(context, "at most %d bytes at once", MAX_RANDOM_BYTES);
    if ((bytes = malloc((size_t)n + 1)) == NULL)
        return JS_ThrowOutOfMemory(context);
    result = RAND_bytes(bytes, (int)n) == 1 ? JS_NewArrayBufferCopy(context, bytes, n)
                                            : JS_ThrowInternalError(context, "no random numbers");
    free(bytes);
    return result;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("digest", 3, native_digest),
    SIO_NATIVE_ENTRY("random", 1, native_random),
};

int
sio_native_crypto_add(sio_interpreter *in, JSValueConst native)
{
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}
