/* server/base/tls_ciphers.c - see tls_ciphers.h. */
#include "server/base/tls_ciphers.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

enum { MAX_LIST = 1000 };

bool
sio_tls_ciphers_are_known(sio_view list)
{
    char     text[MAX_LIST + 1];
    SSL_CTX *ctx;
    bool     is_known;

    if (list.len == 0)
        return true;
    if (list.len > MAX_LIST || sio_view_has_nul(list))
        return false;
    memcpy(text, list.data, list.len);
    text[list.len] = '\0';
    ctx = SSL_CTX_new(TLS_server_method());
    is_known = ctx != NULL && SSL_CTX_set_cipher_list(ctx, text) == 1;
    SSL_CTX_free(ctx);
    ERR_clear_error();
    return is_known;
}
