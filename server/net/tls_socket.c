#include "server/net/tls_socket.h"

#include <string.h>

#include "server/base/env.h"
#include "server/net/conn.h"
#include "server/net/net.h"
#include "server/net/plain_socket.h"

static void
note_beginning(sio_tls_beginning *beginning, char first)
{
    if (beginning != NULL && !beginning->has_begun) {
        beginning->has_begun = true;
        beginning->first = first;
    }
}

static size_t
take_early(sio_tls_beginning *beginning, char *bytes, size_t n)
{
    const size_t left = beginning->early.len - beginning->n_taken;

    if (n > left)
        n = left;
    memcpy(bytes, beginning->early.data + beginning->n_taken, n);
    beginning->n_taken += n;
    return n;
}

static int
socket_read(BIO *bio, char *bytes, size_t n, size_t *n_read)
{
    const sio_tls_socket *s = BIO_get_data(bio);
    ptrdiff_t             got;

    BIO_clear_retry_flags(bio);
    if (s->beginning != NULL && s->beginning->n_taken < s->beginning->early.len)
        got = (ptrdiff_t)take_early(s->beginning, bytes, n);
    else
        got = sio_plain_socket_read(s->conn, bytes, n);
    if (got == SIO_PARTIAL)
        BIO_set_retry_read(bio);
    if (got == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    if (got <= 0)
        return 0;
    note_beginning(s->beginning, bytes[0]);
    *n_read = (size_t)got;
    return 1;
}

static int
socket_write(BIO *bio, const char *bytes, size_t n, size_t *n_written)
{
    const sio_tls_socket *s = BIO_get_data(bio);
    const ptrdiff_t       sent = sio_plain_socket_write(s->conn, (sio_view){bytes, n});

    BIO_clear_retry_flags(bio);
    if (sent == 0)
        BIO_set_retry_write(bio);
    if (sent <= 0)
        return 0;
    *n_written = (size_t)sent;
    return 1;
}

static long
socket_control(BIO *bio, int command, long n, void *arg)
{
    (void)n;
    (void)arg;
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH; /* nothing is kept here */
}

BIO_METHOD *
sio_tls_socket_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket of a connection");

    if (m != NULL && BIO_meth_set_read_ex(m, socket_read) == 1 &&
        BIO_meth_set_write_ex(m, socket_write) == 1 && BIO_meth_set_ctrl(m, socket_control) == 1)
        return m;
    BIO_meth_free(m);
    return NULL;
}

SSL *
sio_tls_socket_ssl(sio_tls_socket *socket)
{
    const sio_tls *tls = &socket->conn->env->net->tls;
    SSL           *ssl = SSL_new(tls->contexts->items[0].ctx);
    BIO           *bio = ssl != NULL ? BIO_new(tls->sockets) : NULL;

    if (bio == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    BIO_set_data(bio, socket);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio); /* which it frees */
    SSL_set_app_data(ssl, socket->conn);
    SSL_set_accept_state(ssl);
    return ssl;
}
