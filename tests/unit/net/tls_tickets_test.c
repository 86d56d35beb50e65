#include "server/net/tls_tickets.h"

#include <string.h>

#include "protocol/result.h"
#include "tests/unit/check.h"

enum { NOW = 1000 * SIO_TLS_TICKETS_PERIOD_S };

/* What openers get of a ticket that this one seals now. */
static int
opened(const sio_tls_tickets *by, const sio_tls_tickets *of, time_t later_s)
{
    uint8_t         name[SIO_TLS_TICKETS_NAME_BYTES], iv[EVP_MAX_IV_LENGTH];
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    EVP_MAC        *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX    *mac = EVP_MAC_CTX_new(hmac);
    int             rc;

    CHECK_INT(sio_tls_tickets_seal(of, NOW, name, iv, cipher, mac), 1);
    rc = sio_tls_tickets_open(by, NOW + later_s, name, iv, cipher, mac);
    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(hmac);
    EVP_CIPHER_CTX_free(cipher);
    return rc;
}

static sio_tls_tickets
tickets_of(const char *words)
{
    sio_tls_tickets t = {.n = 0};

    CHECK_INT(sio_tls_tickets_set(&t, sio_view_of(words)), SIO_OK);
    return t;
}

static void
test_instances_with_the_same_secret_agree(void)
{
    const sio_tls_tickets a = tickets_of("one secret"), b = tickets_of("one  secret ");
    const sio_tls_tickets other = tickets_of("another");

    CHECK_INT(opened(&b, &a, 0), 1);
    CHECK_INT(opened(&other, &a, 0), 0);
}

static void
test_keys_change_with_time(void)
{
    const sio_tls_tickets t = tickets_of("secret");

    CHECK_INT(opened(&t, &t, SIO_TLS_TICKETS_PERIOD_S - 1), 1);
    CHECK_INT(opened(&t, &t, SIO_TLS_TICKETS_PERIOD_S), 2);
    CHECK_INT(opened(&t, &t, 2 * (time_t)SIO_TLS_TICKETS_PERIOD_S), 0);
    CHECK_INT(opened(&t, &t, -1), 1); /* by a clock that is behind */
    CHECK_INT(opened(&t, &t, -1 - SIO_TLS_TICKETS_PERIOD_S), 0);
}

/* A secret is changed while both are known: each opens what the other has sealed. */
static void
test_a_secret_is_changed_in_steps(void)
{
    const sio_tls_tickets before = tickets_of("old"), both = tickets_of("new old"),
                          after = tickets_of("new");

    CHECK_INT(opened(&both, &before, 0), 2);
    CHECK_INT(opened(&before, &both, 0), 0);
    CHECK_INT(opened(&after, &both, 0), 1);
    CHECK_INT(opened(&after, &before, 0), 0);
}

static void
test_without_a_secret_one_is_made_up_and_stays(void)
{
    sio_tls_tickets       a = tickets_of("");
    const sio_tls_tickets first = a, b = tickets_of("");

    CHECK_INT(opened(&b, &a, 0), 0);
    CHECK_INT(sio_tls_tickets_set(&a, SIO_VIEW("")), SIO_OK);
    CHECK_INT(opened(&a, &first, 0), 1);
    CHECK_INT(sio_tls_tickets_set(&a, SIO_VIEW("word")), SIO_OK);
    CHECK_INT(opened(&a, &first, 0), 0);
    CHECK_INT(sio_tls_tickets_set(&a, SIO_VIEW("")), SIO_OK);
    CHECK_INT(opened(&a, &first, 0), 1); /* workers, which have it in common, find it again */
}

int
main(void)
{
    RUN(test_instances_with_the_same_secret_agree);
    RUN(test_keys_change_with_time);
    RUN(test_a_secret_is_changed_in_steps);
    RUN(test_without_a_secret_one_is_made_up_and_stays);
    return check_done();
}
