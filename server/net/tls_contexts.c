#include "server/net/tls_contexts.h"

#include <ctype.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/base/tls_ciphers.h"
#include "server/config/config.h"
#include "server/config/config_tls.h"
#include "server/net/net.h"

enum { MAX_HOST = 255 };

static sio_env *
env_of(SSL *ssl)
{
    const sio_conn *c = SSL_get_app_data(ssl);

    return c->env;
}

/* --- What OpenSSL asks in a handshake. --- */

const sio_tls_context *
sio_tls_contexts_find(const sio_tls_contexts *set, sio_view host)
{
    const sio_tls_context *found = NULL;
    bool                   is_exact;

    for (size_t i = 0; i < set->n; i++) {
        if (!sio_certificate_is_for(&set->items[i].certificate, host, &is_exact))
            continue;
        if (is_exact)
            return &set->items[i];
        if (found == NULL)
            found = &set->items[i];
    }
    return found;
}

/* The set that is in force now, which may be another than when the connection came. */
static const sio_tls_context *
find_for(const sio_tls_contexts *set, const char *name)
{
    char   host[MAX_HOST + 1];
    size_t n = 0;

    if (name == NULL)
        return NULL;
    while (n < MAX_HOST && name[n] != '\0') {
        host[n] = (char)tolower((unsigned char)name[n]);
        n++;
    }
    return sio_tls_contexts_find(set, (sio_view){host, n});
}

/* Rule: Server Name Indication (RFC 6066, section 3). */
static int
on_server_name(SSL *ssl, int *alert, void *arg)
{
    sio_env                *env = env_of(ssl);
    const sio_tls_contexts *set = env->net->tls.contexts;
    const sio_tls_context  *found =
        find_for(set, SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));

    (void)arg;
    if (found == NULL && env->cfg->tls_strict_names) {
        *alert = SSL_AD_UNRECOGNIZED_NAME;
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    if (found == NULL)
        found = &set->items[0];
    return SSL_set_SSL_CTX(ssl, found->ctx) != NULL ? SSL_TLSEXT_ERR_OK
                                                    : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* Who offers protocols and not ours is told so: silence would mean that we speak one of them. */
static int
on_protocols(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
             unsigned in_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char             *selected;

    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&selected, out_len, ours, sizeof ours - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
}

/* In TLS 1.3 each ticket is for one use (RFC 8446, C.4): who shows one gets the next. */
static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
          EVP_MAC_CTX *mac, int is_sealed)
{
    const sio_tls_tickets *tickets = &env_of(ssl)->net->tls.tickets;
    const time_t           now = time(NULL);
    int                    rc;

    if (is_sealed != 0)
        return sio_tls_tickets_seal(tickets, now, name, iv, cipher, mac);
    rc = sio_tls_tickets_open(tickets, now, name, iv, cipher, mac);
    return rc == 1 && SSL_version(ssl) >= TLS1_3_VERSION ? 2 : rc;
}

/* Whoever asks for a certificate without requiring one is told what is wrong with it. */
static int
on_verified(int is_good, X509_STORE_CTX *store)
{
    (void)is_good;
    (void)store;
    return 1;
}

/* --- Making one. --- */

static int
refuse_context(sio_buf *error, const char *what)
{
    char why[256];

    ERR_error_string_n(ERR_peek_last_error(), why, sizeof why);
    sio_buf_add_str(error, what);
    sio_buf_add_str(error, why);
    ERR_clear_error();
    return SIO_ERR_CONFIG;
}

static bool
set_rules(SSL_CTX *ctx, const sio_cfg *cfg)
{
    const bool  is_13 = strcmp(cfg->tls_min_version, "1.3") == 0;
    const char *ciphers = cfg->tls_ciphers[0] != '\0' ? cfg->tls_ciphers : SIO_TLS_CIPHERS_DEFAULT;

    /*
     * A connection without a goodbye has ended as well: what is said on it has lengths of its own,
     * so nothing that is cut can pass for whole.
     */
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx, 1); /* one recv() for what has come, not two for each record */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(ctx, SIO_TLS_TICKETS_PERIOD_S);
    SSL_CTX_set_num_tickets(ctx, 1);
    SSL_CTX_set_tlsext_servername_callback(ctx, on_server_name);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
    SSL_CTX_set_alpn_select_cb(ctx, on_protocols, NULL);
    return SSL_CTX_set_min_proto_version(ctx, is_13 ? TLS1_3_VERSION : TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ctx, ciphers) == 1;
}

/* The authorities, and their names, which clients choose a certificate by. */
static bool
set_authorities(SSL_CTX *ctx, const sio_authorities *a)
{
    STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    bool        is_done = names != NULL;

    for (size_t i = 0; is_done && i < a->n; i++) {
        X509_NAME *name = X509_NAME_dup(X509_get_subject_name(a->items[i]));

        is_done = name != NULL && sk_X509_NAME_push(names, name) > 0;
        if (!is_done)
            X509_NAME_free(name);
        is_done = is_done && X509_STORE_add_cert(store, a->items[i]) == 1;
    }
    SSL_CTX_set_client_CA_list(ctx, names); /* which takes them */
    return is_done;
}

/*
 * Tickets are good among those who ask for the same: who has shown a certificate that counts no
 * more does not come in by an old ticket.
 */
static bool
set_client_rules(SSL_CTX *ctx, const sio_cfg *cfg, const sio_authorities *a)
{
    const bool asks = strcmp(cfg->tls_client, "off") != 0;
    const bool is_required = strcmp(cfg->tls_client, "require") == 0;
    uint8_t    context[SSL_MAX_SSL_SESSION_ID_LENGTH];

    _Static_assert(sizeof context == sizeof a->digest, "a digest is as long as a context may be");
    memcpy(context, a->digest, sizeof context);
    context[0] ^= is_required ? 2 : asks ? 1 : 0;
    if (SSL_CTX_set_session_id_context(ctx, context, sizeof context) != 1)
        return false;
    if (!asks)
        return true;
    if (is_required)
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    else
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_verified);
    return set_authorities(ctx, a);
}

static bool
set_certificate(SSL_CTX *ctx, const sio_certificate *c)
{
    if (SSL_CTX_use_certificate(ctx, c->leaf) != 1 || SSL_CTX_use_PrivateKey(ctx, c->key) != 1)
        return false;
    for (size_t i = 0; i < c->n_chain; i++)
        if (SSL_CTX_add1_chain_cert(ctx, c->chain[i]) != 1)
            return false;
    return true;
}

static int
make_context(sio_tls_context *t, const sio_cfg *cfg, const sio_authorities *a, sio_buf *error)
{
    ERR_clear_error();
    if ((t->ctx = SSL_CTX_new(TLS_server_method())) == NULL)
        return SIO_ERR_NOMEM;
    if (!set_rules(t->ctx, cfg))
        return refuse_context(error, "TLS can not be set up: ");
    if (!set_client_rules(t->ctx, cfg, a))
        return refuse_context(error, "\"tls client ca\": ");
    if (!set_certificate(t->ctx, &t->certificate))
        return refuse_context(error, "\"tls\": a certificate can not be used: ");
    return SIO_OK;
}

/* --- Making all. --- */

int
sio_tls_contexts_new(sio_tls_contexts **out, const sio_cfg *cfg, sio_buf *error)
{
    const size_t      n = cfg->tls.n;
    sio_tls_contexts *set;
    sio_authorities   authorities;
    int               rc;

    *out = NULL;
    if (n == 0)
        return SIO_OK;
    if ((set = calloc(1, sizeof *set + n * sizeof set->items[0])) == NULL)
        return SIO_ERR_NOMEM;
    rc = sio_config_tls_authorities(cfg, &authorities, error);
    for (; rc == SIO_OK && set->n < n; set->n += rc == SIO_OK) {
        sio_tls_context *t = &set->items[set->n];

        rc = sio_config_tls_certificate(cfg, set->n, &t->certificate, error);
        if (rc == SIO_OK)
            rc = make_context(t, cfg, &authorities, error);
    }
    sio_authorities_fini(&authorities);
    if (rc == SIO_OK) {
        *out = set;
        return SIO_OK;
    }
    set->n = set->n < n ? set->n + 1 : n; /* the one that is half made */
    sio_tls_contexts_free(set);
    return rc;
}

void
sio_tls_contexts_free(sio_tls_contexts *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->n; i++) {
        SSL_CTX_free(set->items[i].ctx);
        sio_certificate_fini(&set->items[i].certificate);
    }
    free(set);
}
