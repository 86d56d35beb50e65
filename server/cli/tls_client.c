#include "server/cli/tls_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

#include "protocol/listen_address.h"
#include "protocol/result.h"

/* --- The socket, as OpenSSL sees it: its own way would end the program by SIGPIPE. --- */

static int
socket_fd(BIO *bio)
{
    return *(const int *)BIO_get_data(bio);
}

static bool
is_transient(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static int
client_write(BIO *bio, const char *bytes, int n)
{
    const ssize_t sent = send(socket_fd(bio), bytes, (size_t)n, MSG_NOSIGNAL);

    BIO_clear_retry_flags(bio);
    if (sent < 0 && is_transient())
        BIO_set_retry_write(bio);
    return (int)sent;
}

static int
client_read(BIO *bio, char *bytes, int n)
{
    const ssize_t got = recv(socket_fd(bio), bytes, (size_t)n, 0);

    BIO_clear_retry_flags(bio);
    if (got < 0 && is_transient())
        BIO_set_retry_read(bio);
    if (got == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)got;
}

static long
client_control(BIO *bio, int command, long n, void *arg)
{
    (void)n;
    (void)arg;
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH;
}

static int
client_destroy(BIO *bio)
{
    OPENSSL_free(BIO_get_data(bio));
    return 1;
}

/* --- Whom to trust. --- */

static int
refuse_client(sio_buf *error, const char *what, const char *why)
{
    sio_buf_add_str(error, what);
    sio_buf_add_str(error, why);
    ERR_clear_error();
    return SIO_ERR_CONFIG;
}

static bool
make_sockets(sio_tls_client *t)
{
    t->sockets = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket of a client");
    return t->sockets != NULL && BIO_meth_set_write(t->sockets, client_write) == 1 &&
           BIO_meth_set_read(t->sockets, client_read) == 1 &&
           BIO_meth_set_ctrl(t->sockets, client_control) == 1 &&
           BIO_meth_set_destroy(t->sockets, client_destroy) == 1;
}

int
sio_tls_client_init(sio_tls_client *t, const sio_command_line *line, sio_buf *error)
{
    const char *ca = sio_command_line_value(line, "ca");

    *t = (sio_tls_client){.is_insecure = sio_command_line_value(line, "insecure") != NULL};
    if (ca != NULL && t->is_insecure)
        return refuse_client(error, "--ca ", "and --insecure do not go together");
    t->ctx = SSL_CTX_new(TLS_client_method());
    if (t->ctx == NULL || !make_sockets(t))
        return refuse_client(error, "", "out of memory");
    SSL_CTX_set_options(t->ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
    if (t->is_insecure)
        return SIO_OK;
    SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
    if (ca == NULL)
        (void)SSL_CTX_set_default_verify_paths(t->ctx);
    else if (SSL_CTX_load_verify_locations(t->ctx, ca, NULL) != 1)
        return refuse_client(error, ca, ": has no certificate in PEM, or can not be read");
    return SIO_OK;
}

void
sio_tls_client_fini(sio_tls_client *t)
{
    SSL_CTX_free(t->ctx);
    BIO_meth_free(t->sockets);
    *t = (sio_tls_client){.ctx = NULL};
}

/* --- One connection. --- */

/* An address is no name that one may ask for (RFC 6066, section 3). */
static bool
set_host(SSL *ssl, char *host) /* NOLINT(readability-non-const-parameter): OpenSSL's */
{
    uint8_t bytes[16];

    if (inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    return SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1;
}

SSL *
sio_tls_client_new(const sio_tls_client *t, int fd, sio_view host)
{
    char text[SIO_LISTEN_HOST_MAX + 1];
    SSL *ssl = SSL_new(t->ctx);
    BIO *bio = BIO_new(t->sockets);
    int *data = OPENSSL_malloc(sizeof fd);

    memcpy(text, host.data, host.len); /* as long as a host of a listen address may be */
    text[host.len] = '\0';
    if (ssl == NULL || bio == NULL || data == NULL || !set_host(ssl, text)) {
        OPENSSL_free(data);
        BIO_free(bio);
        SSL_free(ssl);
        return NULL;
    }
    *data = fd;
    BIO_set_data(bio, data);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_connect_state(ssl);
    return ssl;
}

void
sio_tls_client_explain(const SSL *ssl, sio_buf *error)
{
    const long          verified = SSL_get_verify_result(ssl);
    const unsigned long code = ERR_peek_last_error();
    const char         *reason = ERR_reason_error_string(code);

    if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        sio_buf_add_str(error, "the certificate is not good: ");
        sio_buf_add_str(error, X509_verify_cert_error_string(verified));
        sio_buf_add_str(error, "; --ca says who vouches for it");
    } else {
        sio_buf_add_str(error, "no TLS: ");
        sio_buf_add_str(error, reason != NULL ? reason : "the connection was closed");
    }
    ERR_clear_error();
}
