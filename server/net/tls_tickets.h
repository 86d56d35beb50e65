/*
 * server/net/tls_tickets.h - the keys of session tickets (RFC 5077; RFC 8446, 2.2): with one, a
 * client that comes back saves itself and us most of a handshake.
 *
 * Called by tls_contexts.c, and by tls.c for the secret. Nothing is stored for a ticket: it is
 * sealed with a key that is made of a secret and of the time, anew every two hours. So instances
 * with the same secret open the tickets of each other, and nobody has to hand keys out.
 */
#ifndef SIO_NET_TLS_TICKETS_H
#define SIO_NET_TLS_TICKETS_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "protocol/view.h"

enum {
    SIO_TLS_TICKETS_MAX_SECRETS = 4,
    SIO_TLS_TICKETS_SECRET_BYTES = 32,
    SIO_TLS_TICKETS_NAME_BYTES = 16,
    SIO_TLS_TICKETS_PERIOD_S = 7200 /* of a key, and the life of a ticket */
};

typedef struct {
    uint8_t  secrets[SIO_TLS_TICKETS_MAX_SECRETS][SIO_TLS_TICKETS_SECRET_BYTES];
    unsigned n; /* the first one seals, all open */
    uint8_t  made_up[SIO_TLS_TICKETS_SECRET_BYTES];
    bool     has_made_up;
} sio_tls_tickets;

/*
 * The secrets are these words, which have blanks between them. None: the one that is made up, once
 * for all times: the workers of a program have it from their master. SIO_OK; SIO_ERR_SYS: the system has no random numbers.
 */
int sio_tls_tickets_set(sio_tls_tickets *t, sio_view words);

/*
 * Prepare to seal a ticket: fill in the name of the key and the start value. As OpenSSL wants it of
 * SSL_CTX_set_tlsext_ticket_key_evp_cb(3): 1, or -1 when it fails.
 */
int sio_tls_tickets_seal(const sio_tls_tickets *t, time_t now,
                         uint8_t name[SIO_TLS_TICKETS_NAME_BYTES], uint8_t *iv,
                         EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac);

/* The same to open one: 1; 2: with an old key; 0: with no key of ours; -1. */
int sio_tls_tickets_open(const sio_tls_tickets *t, time_t now,
                         const uint8_t name[SIO_TLS_TICKETS_NAME_BYTES], const uint8_t *iv,
                         EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac);

/* Wipe the secrets. */
void sio_tls_tickets_fini(sio_tls_tickets *t);

#endif
