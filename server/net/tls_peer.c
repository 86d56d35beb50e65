#include "server/net/tls_peer.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "server/base/digest.h"

static void
add_text(sio_buf *json, const char *member, sio_view text)
{
    if (text.len > SIO_TLS_PEER_MAX_TEXT)
        text.len = SIO_TLS_PEER_MAX_TEXT;
    sio_buf_add_str(json, member);
    if (text.data == NULL)
        sio_buf_add_str(json, "null");
    else
        sio_buf_add_json_string(json, text, SIO_JSON_PLAIN);
}

/* As RFC 4514 writes it: "CN=alice,O=Shop". */
static void
add_name(sio_buf *json, const char *member, const X509_NAME *name)
{
    BIO  *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    long  len = 0;

    if (bio != NULL &&
        X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >=
            0)
        len = BIO_get_mem_data(bio, &text);
    add_text(json, member, (sio_view){text != NULL ? text : "", len > 0 ? (size_t)len : 0});
    BIO_free(bio);
}

/* --- Other names. --- */

static void
add_alternative(sio_buf *json, const char *kind, sio_view text)
{
    sio_buf name;

    sio_buf_init(&name, SIO_TLS_PEER_MAX_TEXT);
    sio_buf_add_str(&name, kind);
    sio_buf_add_view(&name, text);
    add_text(json, json->data[json->len - 1] == '[' ? "" : ",", sio_buf_view(&name));
    sio_buf_fini(&name);
}

static sio_view
string_of(const ASN1_STRING *s)
{
    return (sio_view){(const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)};
}

static void
add_address(sio_buf *json, const ASN1_STRING *s)
{
    const int family = ASN1_STRING_length(s) == 4 ? AF_INET : AF_INET6;
    char      text[INET6_ADDRSTRLEN];

    if ((family == AF_INET || ASN1_STRING_length(s) == 16) &&
        inet_ntop(family, ASN1_STRING_get0_data(s), text, sizeof text) != NULL)
        add_alternative(json, "IP:", sio_view_of(text));
}

static void
add_alternatives(sio_buf *json, const X509 *x509)
{
    GENERAL_NAMES *list = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);

    sio_buf_add_str(json, ",\"names\":[");
    for (int i = 0; i < sk_GENERAL_NAME_num(list) && i < SIO_TLS_PEER_MAX_NAMES; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);

        if (json->failed)
            break;
        if (name->type == GEN_DNS)
            add_alternative(json, "DNS:", string_of(name->d.dNSName));
        else if (name->type == GEN_EMAIL)
            add_alternative(json, "email:", string_of(name->d.rfc822Name));
        else if (name->type == GEN_URI)
            add_alternative(json, "URI:", string_of(name->d.uniformResourceIdentifier));
        else if (name->type == GEN_IPADD)
            add_address(json, name->d.iPAddress);
    }
    GENERAL_NAMES_free(list);
    sio_buf_add_char(json, ']');
}

/* --- The certificate. --- */

static void
add_digest(sio_buf *json, const X509 *x509)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t           digest[SIO_SHA256_BYTES];
    unsigned          n = sizeof digest;

    sio_buf_add_str(json, ",\"sha256\":\"");
    if (X509_digest(x509, EVP_sha256(), digest, &n) == 1)
        for (unsigned i = 0; i < n; i++) {
            sio_buf_add_char(json, digits[digest[i] >> 4]);
            sio_buf_add_char(json, digits[digest[i] & 15]);
        }
    sio_buf_add_char(json, '"');
}

static void
add_end(sio_buf *json, const X509 *x509)
{
    struct tm tm;
    time_t    s = 0;

    if (ASN1_TIME_to_tm(X509_get0_notAfter(x509), &tm) == 1)
        s = timegm(&tm);
    sio_buf_add_str(json, ",\"expires\":");
    sio_buf_add_u64(json, s > 0 ? (uint64_t)s * 1000 : 0);
}

static void
add_certificate(sio_buf *json, const SSL *ssl)
{
    const X509 *x509 = SSL_get0_peer_certificate(ssl);
    const long  error = SSL_get_verify_result(ssl);

    if (x509 == NULL) {
        sio_buf_add_str(json, "null");
        return;
    }
    sio_buf_add_str(json, error == X509_V_OK ? "{\"verified\":true,\"error\":null"
                                             : "{\"verified\":false");
    if (error != X509_V_OK)
        add_text(json, ",\"error\":", sio_view_of(X509_verify_cert_error_string(error)));
    add_name(json, ",\"subject\":", X509_get_subject_name(x509));
    add_name(json, ",\"issuer\":", X509_get_issuer_name(x509));
    add_alternatives(json, x509);
    add_digest(json, x509);
    add_end(json, x509);
    sio_buf_add_char(json, '}');
}

void
sio_tls_peer_describe(const SSL *ssl, sio_buf *json)
{
    add_text(json, "{\"version\":", sio_view_of(SSL_get_version(ssl)));
    add_text(json, ",\"cipher\":", sio_view_of(SSL_get_cipher_name(ssl)));
    add_text(json, ",\"name\":", sio_view_of(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)));
    sio_buf_add_str(json, ",\"certificate\":");
    add_certificate(json, ssl);
    sio_buf_add_char(json, '}');
    ERR_clear_error();
}
