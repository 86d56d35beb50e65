#include "server/base/certificate.h"

#include <openssl/err.h>

#include "protocol/result.h"
#include "server/base/authorities.h"
#include "tests/unit/check.h"
#include "tests/unit/tls_files.h"

static sio_certificate c;
static sio_buf         error;

static int
read_pair(const char *certificate, const char *key)
{
    char path[FILE_MAX];

    snprintf(path, sizeof path, "%s", tls_file(certificate));
    sio_buf_init(&error, SIZE_MAX);
    return sio_certificate_read(&c, path, tls_file(key), &error);
}

static void
forget(void)
{
    sio_certificate_fini(&c);
    sio_buf_fini(&error);
}

/* --- What is read. --- */

static void
test_names_and_times(void)
{
    tls_pair p =
        tls_pair_new("Shop", "DNS:A.example,DNS:*.b.example,IP:10.0.0.1,email:a@b", 90000, NULL);
    char text[100];

    tls_pair_write(&p, NULL, "a");
    CHECK_INT(read_pair("a.pem", "a.key"), SIO_OK);
    CHECK_INT(error.len, 0);
    CHECK_INT(c.n_names, 3);
    CHECK_VIEW(c.names[0], "a.example");
    CHECK_VIEW(c.names[1], "*.b.example");
    CHECK_VIEW(c.names[2], "10.0.0.1");
    CHECK_VIEW(sio_view_of(sio_certificate_title(&c, text, sizeof text)), "a.example");
    CHECK_INT(c.ends_s - c.begins_s, 90060);
    CHECK_INT(ERR_peek_error(), 0);
    forget();
    tls_pair_free(&p);
}

static void
test_without_other_names_that_of_the_subject_counts(void)
{
    tls_pair_make("old.example", NULL);
    CHECK_INT(read_pair("old.example.pem", "old.example.key"), SIO_OK);
    CHECK_INT(c.n_names, 1);
    CHECK_VIEW(c.names[0], "old.example");
    forget();
}

static void
test_a_wildcard_is_one_label(void)
{
    bool is_exact;

    tls_pair_make("w", "DNS:a.example,DNS:*.a.example");
    CHECK_INT(read_pair("w.pem", "w.key"), SIO_OK);
    CHECK(sio_certificate_is_for(&c, SIO_VIEW("a.example"), &is_exact) && is_exact);
    CHECK(sio_certificate_is_for(&c, SIO_VIEW("x.a.example"), &is_exact) && !is_exact);
    CHECK(!sio_certificate_is_for(&c, SIO_VIEW("y.x.a.example"), &is_exact));
    CHECK(!sio_certificate_is_for(&c, SIO_VIEW("xa.example"), &is_exact));
    CHECK(!sio_certificate_is_for(&c, SIO_VIEW("example"), &is_exact));
    CHECK(!sio_certificate_is_for(&c, SIO_VIEW(""), &is_exact));
    forget();
}

/* --- Chains. --- */

static void
test_a_chain(void)
{
    tls_pair ca = tls_pair_new("CA", NULL, DAYS_30, NULL);
    tls_pair other = tls_pair_new("Other", NULL, DAYS_30, NULL);
    tls_pair p = tls_pair_new("a", "DNS:a.example", DAYS_30, &ca);

    tls_pair_write(&p, &ca, "chained");
    CHECK_INT(read_pair("chained.pem", "chained.key"), SIO_OK);
    CHECK_INT(c.n_chain, 1);
    CHECK(sio_certificate_chain_is_whole(&c));
    CHECK(!sio_certificate_is_self_signed(&c));
    forget();
    tls_pair_write(&p, &other, "torn");
    CHECK_INT(read_pair("torn.pem", "torn.key"), SIO_OK);
    CHECK(!sio_certificate_chain_is_whole(&c));
    forget();
    tls_pair_write(&ca, NULL, "self");
    CHECK_INT(read_pair("self.pem", "self.key"), SIO_OK);
    CHECK(sio_certificate_chain_is_whole(&c));
    CHECK(sio_certificate_is_self_signed(&c));
    forget();
    tls_pair_free(&ca);
    tls_pair_free(&other);
    tls_pair_free(&p);
}

/* --- What is wrong. --- */

static void
refused(const char *certificate, const char *key, const char *file, const char *why)
{
    char wanted[2 * FILE_MAX];

    snprintf(wanted, sizeof wanted, "%s: %s", tls_file(file), why);
    CHECK_INT(read_pair(certificate, key), SIO_ERR_CONFIG);
    CHECK_VIEW(sio_buf_view(&error), wanted);
    CHECK_INT(ERR_peek_error(), 0);
    forget();
}

static void
write_locked_key(const char *name)
{
    char      password[] = "secret";
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE     *f = fopen(tls_file(name), "w");

    if (CHECK(f != NULL)) {
        PEM_write_PKCS8PrivateKey(f, key, EVP_aes_128_cbc(), NULL, 0, NULL, password);
        fclose(f);
    }
    EVP_PKEY_free(key);
}

static void
test_what_is_wrong_is_said(void)
{
    tls_pair_make("good", "DNS:good.example");
    tls_pair_make("other", "DNS:other.example");
    tls_write("empty", "");
    tls_write("text", "no PEM");
    write_locked_key("locked.key");
    refused("none.pem", "good.key", "none.pem", "No such file or directory");
    refused("empty", "good.key", "empty", "is empty");
    refused("text", "good.key", "text", "has no certificate in PEM");
    refused("good.key", "good.key", "good.key", "has no certificate in PEM");
    refused("good.pem", "none.key", "none.key", "No such file or directory");
    refused("good.pem", "empty", "empty", "is empty");
    refused("good.pem", "good.pem", "good.pem", "has no private key in PEM");
    refused("good.pem", "other.key", "other.key", "is not the key of the certificate");
    refused("good.pem", "locked.key", "locked.key",
            "has a key with a password, which nobody is asked for");
}

/* --- Judging. --- */

static void
test_days_left(void)
{
    CHECK_INT(sio_certificate_days_left(1000000, 1000000), 0);
    CHECK_INT(sio_certificate_days_left(1000000 + 86399, 1000000), 0);
    CHECK_INT(sio_certificate_days_left(1000000 + 86400, 1000000), 1);
    CHECK_INT(sio_certificate_days_left(1000000, 1000001), -1);
    CHECK_INT(sio_certificate_days_left(1000000, 1000000 + 86401), -2);
}

static void
test_who_may_read_a_key(void)
{
    tls_pair_make("key", NULL);
    CHECK(!sio_certificate_key_is_exposed(tls_file("key.key")));
    chmod(tls_file("key.key"), 0644);
    CHECK(sio_certificate_key_is_exposed(tls_file("key.key")));
    CHECK(!sio_certificate_key_is_exposed(tls_file("none")));
}

/* --- Authorities. --- */

static void
test_authorities(void)
{
    tls_pair        one = tls_pair_new("One", NULL, DAYS_30, NULL);
    tls_pair        two = tls_pair_new("Two", NULL, DAYS_30, NULL);
    sio_authorities a;

    sio_buf_init(&error, SIZE_MAX);
    tls_pair_write(&one, &two, "both");
    CHECK_INT(sio_authorities_read(&a, tls_file("both.pem"), &error), SIO_OK);
    CHECK_INT(a.n, 2);
    sio_authorities_fini(&a);
    CHECK_INT(sio_authorities_read(&a, tls_file("both.key"), &error), SIO_ERR_CONFIG);
    CHECK(memmem(error.data, error.len, "both.key: has no certificate", 28) != NULL);
    sio_authorities_fini(&a);
    CHECK_INT(sio_authorities_read(&a, tls_file("none"), &error), SIO_ERR_CONFIG);
    sio_authorities_fini(&a);
    sio_buf_fini(&error);
    tls_pair_free(&one);
    tls_pair_free(&two);
}

int
main(void)
{
    tls_files_begin();
    RUN(test_names_and_times);
    RUN(test_without_other_names_that_of_the_subject_counts);
    RUN(test_a_wildcard_is_one_label);
    RUN(test_a_chain);
    RUN(test_what_is_wrong_is_said);
    RUN(test_days_left);
    RUN(test_who_may_read_a_key);
    RUN(test_authorities);
    tls_files_end();
    return check_done();
}
