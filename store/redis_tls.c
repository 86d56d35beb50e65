#include "store/redis_tls.h"

#include "protocol/result.h"
#include "store/redis_url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HELD_BYTES = 16 * 1024, /* of one record of TLS */
    MAX_ROUNDS = 16,        /* in one turn of the loop, which others wait for */
    MAX_FAULT = 256
};

struct sio_redis_tls {
    SSL_CTX *ctx;
    char     server_name[SIO_REDIS_MAX_HOST + 1]; /* "": the host of each connection */
};

/* What is on its way in one direction: bytes[begin..end). */
typedef struct {
    size_t begin, end;
    char   bytes[HELD_BYTES];
} held;

struct sio_redis_relay {
    SSL          *ssl;
    int           fd;    /* to Redis */
    int           inner; /* to hiredis; -1: closed, since Redis says no more */
    struct event *readable, *writable, *inner_readable, *inner_writable;
    held          out, in;          /* to Redis, and from it */
    bool          wants_writing;    /* TLS has something to say that the socket did not take */
    bool          is_inner_at_end;  /* hiredis has closed its end */
    bool          is_over;          /* nothing comes from Redis any more, nor goes there */
    char          fault[MAX_FAULT]; /* "": none */
};

/* --- Settings. --- */

static bool
is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int
refuse_file(const char *what, const char *path, char *error, size_t error_size)
{
    const unsigned long code = ERR_peek_error(); /* the first tells most: "No such file" */
    const char         *why = ERR_reason_error_string(code);

    if (ERR_SYSTEM_ERROR(code))
        why = strerror(ERR_GET_REASON(code));
    snprintf(error, error_size, "%s %s: %s", what, path, why != NULL ? why : "can not be used");
    ERR_clear_error();
    return SIO_ERR_CONFIG;
}

/* Nobody is there to be asked for the password of a key. */
static int /* NOLINTNEXTLINE(readability-non-const-parameter): the type is OpenSSL's */
no_password(char *buf, int size, int is_writing, void *arg)
{
    (void)buf;
    (void)size;
    (void)is_writing;
    (void)arg;
    return 0;
}

static int
load_ca(sio_redis_tls *tls, const char *path, char *error, size_t error_size)
{
    if (!is_given(path)) {
        SSL_CTX_set_default_verify_paths(tls->ctx);
        return SIO_OK;
    }
    if (SSL_CTX_load_verify_locations(tls->ctx, path, NULL) == 1)
        return SIO_OK;
    return refuse_file("the CA", path, error, error_size);
}

static int
load_certificate(sio_redis_tls *tls, const sio_redis_tls_cfg *cfg, char *error, size_t error_size)
{
    if (!is_given(cfg->certificate) && !is_given(cfg->key))
        return SIO_OK;
    if (!is_given(cfg->certificate) || !is_given(cfg->key)) {
        snprintf(error, error_size, "a certificate needs a key, and a key a certificate");
        return SIO_ERR_CONFIG;
    }
    if (SSL_CTX_use_certificate_chain_file(tls->ctx, cfg->certificate) != 1)
        return refuse_file("the certificate", cfg->certificate, error, error_size);
    if (SSL_CTX_use_PrivateKey_file(tls->ctx, cfg->key, SSL_FILETYPE_PEM) != 1)
        return refuse_file("the key", cfg->key, error, error_size);
    return SIO_OK;
}

int
sio_redis_tls_new(sio_redis_tls **out, const sio_redis_tls_cfg *cfg, char *error, size_t error_size)
{
    sio_redis_tls *tls = calloc(1, sizeof *tls);
    int            rc = SIO_ERR_NOMEM;

    if (tls == NULL)
        return SIO_ERR_NOMEM;
    ERR_clear_error();
    snprintf(error, error_size, "out of memory");
    if ((tls->ctx = SSL_CTX_new(TLS_client_method())) == NULL)
        goto fail;
    SSL_CTX_set_min_proto_version(tls->ctx, TLS1_2_VERSION);
    SSL_CTX_set_default_passwd_cb(tls->ctx, no_password);
    SSL_CTX_set_verify(tls->ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(tls->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (is_given(cfg->server_name))
        snprintf(tls->server_name, sizeof tls->server_name, "%s", cfg->server_name);
    if ((rc = load_ca(tls, cfg->ca, error, error_size)) != SIO_OK ||
        (rc = load_certificate(tls, cfg, error, error_size)) != SIO_OK)
        goto fail;
    *out = tls;
    return SIO_OK;

fail:
    sio_redis_tls_free(tls);
    return rc;
}

void
sio_redis_tls_free(sio_redis_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->ctx);
    free(tls);
}

/* --- The end. --- */

static const char *
words_of(unsigned long code)
{
    const char *why = ERR_reason_error_string(code);

    switch (ERR_GET_REASON(code)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
        return "it does not speak TLS here";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "it asks for a client certificate";
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return "it closed the connection";
    default:
        return why != NULL ? why : "a failure";
    }
}

/* rc: what an operation of TLS has returned, for which there is nothing more to wait. */
static void
end_relay(sio_redis_relay *r, int rc)
{
    const int           error = SSL_get_error(r->ssl, rc);
    const long          verified = SSL_get_verify_result(r->ssl);
    const unsigned long code = ERR_peek_last_error();

    r->is_over = true;
    if (error == SSL_ERROR_ZERO_RETURN)
        return;
    if (verified != X509_V_OK)
        snprintf(r->fault, sizeof r->fault, "its certificate is not good: %s",
                 X509_verify_cert_error_string(verified));
    else if (code != 0)
        snprintf(r->fault, sizeof r->fault, "TLS: %s", words_of(code));
    else if (!SSL_is_init_finished(r->ssl))
        snprintf(r->fault, sizeof r->fault, "it closed the connection during the handshake of TLS");
}

/* --- Bytes. Each of these says whether it has moved any. --- */

/* The operation of TLS has moved nothing. */
static void
note_want(sio_redis_relay *r, int rc)
{
    const int error = SSL_get_error(r->ssl, rc);

    if (error == SSL_ERROR_WANT_WRITE)
        r->wants_writing = true;
    else if (error != SSL_ERROR_WANT_READ)
        end_relay(r, rc);
}

static bool
has_moved(held *h, size_t n)
{
    h->begin += n;
    if (h->begin == h->end)
        h->begin = h->end = 0;
    return n > 0;
}

/* hiredis -> out */
static bool
take_plain(sio_redis_relay *r)
{
    ssize_t n;

    if (r->out.end > 0 || r->is_inner_at_end || r->inner < 0)
        return false;
    n = recv(r->inner, r->out.bytes, sizeof r->out.bytes, 0);
    if (n > 0)
        r->out.end = (size_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        r->is_inner_at_end = true;
    return n > 0;
}

/* out -> Redis */
static bool
give_tls(sio_redis_relay *r)
{
    size_t n = 0;
    int    rc;

    if (r->out.end == 0 || r->is_over)
        return false;
    ERR_clear_error();
    rc = SSL_write_ex(r->ssl, r->out.bytes + r->out.begin, r->out.end - r->out.begin, &n);
    if (rc <= 0)
        note_want(r, rc);
    return has_moved(&r->out, n);
}

/* Redis -> in */
static bool
take_tls(sio_redis_relay *r)
{
    size_t n = 0;
    int    rc;

    if (r->in.end > 0 || r->is_over)
        return false;
    ERR_clear_error();
    rc = SSL_read_ex(r->ssl, r->in.bytes, sizeof r->in.bytes, &n);
    if (rc <= 0)
        note_want(r, rc);
    r->in.end = n;
    return n > 0;
}

/* in -> hiredis */
static bool
give_plain(sio_redis_relay *r)
{
    ssize_t n;

    if (r->in.end == 0 || r->inner < 0)
        return false;
    n = send(r->inner, r->in.bytes + r->in.begin, r->in.end - r->in.begin, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        r->is_inner_at_end = true;
    return has_moved(&r->in, n > 0 ? (size_t)n : 0);
}

/* --- Events. --- */

static void
want(struct event *e, bool is_wanted)
{
    if (is_wanted)
        event_add(e, NULL);
    else
        event_del(e);
}

/* Redis says no more, and hiredis has all that it has said: it sees the end. */
static void
close_inner(sio_redis_relay *r)
{
    event_del(r->inner_readable);
    event_del(r->inner_writable);
    close(r->inner);
    r->inner = -1;
}

static void
watch(sio_redis_relay *r)
{
    want(r->readable, !r->is_over && r->in.end == 0);
    want(r->writable, !r->is_over && r->wants_writing);
    if (r->inner < 0)
        return;
    if (r->is_over && r->in.end == 0) {
        close_inner(r);
        return;
    }
    want(r->inner_readable, !r->is_over && !r->is_inner_at_end && r->out.end == 0);
    want(r->inner_writable, !r->is_inner_at_end && r->in.end > 0);
}

static void
on_redis_relay_event(evutil_socket_t fd, short what, void *arg)
{
    sio_redis_relay *r = arg;
    bool             any = true;

    (void)fd;
    (void)what;
    r->wants_writing = false;
    for (unsigned i = 0; any && i < MAX_ROUNDS; i++) {
        any = take_tls(r); /* first: its last word says why nothing can be given any more */
        any = give_plain(r) || any;
        any = take_plain(r) || any;
        any = give_tls(r) || any;
    }
    if (any) /* there may be bytes that only TLS knows of */
        event_active(r->readable, EV_READ, 0);
    watch(r);
}

/* --- Life. --- */

/* What its certificate has to be for. A name is said in the handshake, too; an address is not. */
static bool
set_name(SSL *ssl, const char *name)
{
    struct in6_addr any;
    char            text[SIO_REDIS_MAX_HOST + 1]; /* OpenSSL takes no constant one */

    if (inet_pton(AF_INET, name, &any) == 1 || inet_pton(AF_INET6, name, &any) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    snprintf(text, sizeof text, "%s", name);
    return SSL_set1_host(ssl, text) == 1 && SSL_set_tlsext_host_name(ssl, text) == 1;
}

static bool
make_ssl(sio_redis_relay *r, const sio_redis_tls *tls, const char *host)
{
    r->ssl = SSL_new(tls->ctx);
    if (r->ssl == NULL || SSL_set_fd(r->ssl, r->fd) != 1)
        return false;
    SSL_set_connect_state(r->ssl);
    return set_name(r->ssl, tls->server_name[0] != '\0' ? tls->server_name : host);
}

static bool
make_events(sio_redis_relay *r, struct event_base *base)
{
    const short read = EV_READ | EV_PERSIST, write = EV_WRITE | EV_PERSIST;

    r->readable = event_new(base, r->fd, read, on_redis_relay_event, r);
    r->writable = event_new(base, r->fd, write, on_redis_relay_event, r);
    r->inner_readable = event_new(base, r->inner, read, on_redis_relay_event, r);
    r->inner_writable = event_new(base, r->inner, write, on_redis_relay_event, r);
    return r->readable != NULL && r->writable != NULL && r->inner_readable != NULL &&
           r->inner_writable != NULL;
}

static void
relay_release(sio_redis_relay *r)
{
    struct event *const events[] = {r->readable, r->writable, r->inner_readable, r->inner_writable};

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (events[i] != NULL)
            event_free(events[i]);
    SSL_free(r->ssl);
    if (r->inner >= 0)
        close(r->inner);
    free(r);
}

int
sio_redis_relay_new(sio_redis_relay **out, sio_redis_tls *tls, struct event_base *base, int fd,
                    const char *host, int *inner)
{
    sio_redis_relay *r = calloc(1, sizeof *r);
    int              pair[2];

    if (r == NULL)
        return SIO_ERR_NOMEM;
    r->fd = fd;
    r->inner = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
        free(r);
        return SIO_ERR_NOMEM;
    }
    r->inner = pair[1];
    if (!make_ssl(r, tls, host) || !make_events(r, base)) {
        relay_release(r);
        close(pair[0]);
        return SIO_ERR_NOMEM;
    }
    event_active(r->writable, EV_WRITE, 0); /* to begin with the handshake */
    *inner = pair[0];
    *out = r;
    return SIO_OK;
}

void
sio_redis_relay_free(sio_redis_relay *r)
{
    int fd;

    if (r == NULL)
        return;
    while (sio_redis_relay_is_open(r) && (give_tls(r) || take_plain(r)))
        continue;
    if (sio_redis_relay_is_open(r))
        SSL_shutdown(r->ssl);
    ERR_clear_error();
    fd = r->fd;
    relay_release(r);
    close(fd);
}

const char *
sio_redis_relay_fault(const sio_redis_relay *r)
{
    return r->fault[0] != '\0' ? r->fault : NULL;
}

bool
sio_redis_relay_is_open(const sio_redis_relay *r)
{
    return SSL_is_init_finished(r->ssl) && !r->is_over;
}
