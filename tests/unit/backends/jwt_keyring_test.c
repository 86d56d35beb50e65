/*
 * tests/unit/backends/jwt_keyring_test.c - backends/jwt_keyring.h: which key a token may be of.
 */
#include "server/backends/jwt_keyring.h"

#include <stdlib.h>

#include "protocol/base64url.h"
#include "protocol/result.h"
#include "tests/unit/check.h"

#define SECRET  "0123456789abcdef0123456789abcdef"
#define K       "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY" /* the same in base64url */
#define OTHER_K "MTEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
#define ED_X    "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

static const sio_texts any = {.n = 0};

static void
take(sio_jwt_keyring *ring, const char *set)
{
    sio_buf error;

    sio_buf_init(&error, SIZE_MAX);
    CHECK_INT(sio_jwt_keyring_take_set(ring, sio_view_of(set), true, &error), SIO_OK);
    sio_buf_fini(&error);
}

/* A token with that header, signed with HS256 and the secret, however it calls itself. */
static sio_jwt_signer
check(const sio_jwt_keyring *ring, const sio_texts *algorithms, const char *head,
      const char *secret)
{
    sio_jws_key   *key = NULL;
    sio_jwt        token;
    sio_buf        text, signature;
    const char    *why;
    sio_jwt_signer signer;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_init(&signature, SIZE_MAX);
    sio_base64url_encode(sio_view_of(head), &text);
    sio_buf_add_char(&text, '.');
    sio_base64url_encode(SIO_VIEW("{\"exp\":1}"), &text);
    CHECK_INT(sio_jws_key_new_secret(&key, sio_view_of(secret)), SIO_OK);
    CHECK_INT(sio_jws_key_sign(key, sio_buf_view(&text), &signature), SIO_OK);
    sio_buf_add_char(&text, '.');
    sio_base64url_encode(sio_buf_view(&signature), &text);
    CHECK_INT(sio_jwt_read(&token, sio_buf_view(&text), &why), SIO_OK);
    signer = sio_jwt_keyring_check(ring, algorithms, &token);
    sio_jwt_fini(&token);
    sio_jws_key_free(key);
    sio_buf_fini(&text);
    sio_buf_fini(&signature);
    return signer;
}

static void
test_a_secret_has_no_name(void)
{
    sio_jwt_keyring ring = {.n = 0};

    CHECK_INT(sio_jwt_keyring_take_secret(&ring, SIO_VIEW(SECRET)), SIO_OK);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\"}", SECRET), SIO_JWT_SIGNED);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\",\"kid\":\"x\"}", SECRET), SIO_JWT_SIGNED);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\"}", SECRET "x"), SIO_JWT_FORGED);
    sio_jwt_keyring_fini(&ring);
}

static void
test_a_name_chooses_the_key(void)
{
    sio_jwt_keyring ring = {.n = 0};

    take(&ring, "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"b\",\"k\":\"" OTHER_K "\"},"
                "{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"" K "\"}]}");
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\",\"kid\":\"a\"}", SECRET), SIO_JWT_SIGNED);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\"}", SECRET), SIO_JWT_SIGNED);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\",\"kid\":\"b\"}", SECRET), SIO_JWT_FORGED);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\",\"kid\":\"c\"}", SECRET), SIO_JWT_UNKNOWN_KEY);
    sio_jwt_keyring_fini(&ring);
}

/* The public key as a secret: what it is for is said by the key, not by the token. */
static void
test_the_key_decides_the_algorithm(void)
{
    sio_jwt_keyring ring = {.n = 0};
    sio_buf         x;
    char            secret[33] = "";

    sio_buf_init(&x, SIZE_MAX);
    CHECK_INT(sio_base64url_decode(SIO_VIEW(ED_X), &x), SIO_OK);
    memcpy(secret, x.data, 32);
    take(&ring,
         "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"a\",\"x\":\"" ED_X "\"}]}");
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\",\"kid\":\"a\"}", secret), SIO_JWT_FORGED);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\",\"kid\":\"a\"}", ED_X), SIO_JWT_FORGED);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"EdDSA\",\"kid\":\"a\"}", secret), SIO_JWT_FORGED);
    sio_buf_fini(&x);
    sio_jwt_keyring_fini(&ring);
}

static void
test_only_algorithms_that_may_be(void)
{
    sio_jwt_keyring ring = {.n = 0};
    sio_view        names[] = {SIO_VIEW_INIT("ES256"), SIO_VIEW_INIT("HS256")};
    const sio_texts one = {names, 1}, both = {names, 2};

    CHECK_INT(sio_jwt_keyring_take_secret(&ring, SIO_VIEW(SECRET)), SIO_OK);
    CHECK_INT(check(&ring, &one, "{\"alg\":\"HS256\"}", SECRET), SIO_JWT_FORGED);
    CHECK_INT(check(&ring, &both, "{\"alg\":\"HS256\"}", SECRET), SIO_JWT_SIGNED);
    sio_jwt_keyring_fini(&ring);
}

/* Without a name, and of many keys, not all are tried. */
static void
test_tries_are_bounded(void)
{
    sio_jwt_keyring ring = {.n = 0};
    sio_buf         set;

    sio_buf_init(&set, SIZE_MAX);
    sio_buf_add_str(&set, "{\"keys\":[");
    for (unsigned i = 0; i < SIO_JWT_KEYRING_MAX_TRIES; i++)
        sio_buf_add_str(&set, "{\"kty\":\"oct\",\"kid\":\"other\",\"k\":\"" OTHER_K "\"},");
    sio_buf_add_str(&set, "{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"" K "\"}]}");
    sio_buf_add_char(&set, '\0');
    take(&ring, set.data);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\"}", SECRET), SIO_JWT_FORGED);
    CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\",\"kid\":\"a\"}", SECRET), SIO_JWT_SIGNED);
    sio_buf_fini(&set);
    sio_jwt_keyring_fini(&ring);
}

/* A set is taken whole or not at all; what somebody else publishes, as far as it goes. */
static void
test_sets(void)
{
    static const struct {
        const char *set;
        int         strict, lenient;
    } rows[] = {
        {"{\"keys\":[{\"kty\":\"oct\",\"k\":\"" K "\"},{\"kty\":\"oct\",\"k\":\"AA\"}]}", SIO_BAD,
         SIO_OK},
        {"{\"keys\":[{\"kty\":\"new\"},{\"kty\":\"oct\",\"k\":\"" K "\"}]}", SIO_OK, SIO_OK},
        {"{\"keys\":[{\"kty\":\"new\"}]}", SIO_BAD, SIO_BAD},
        {"{\"keys\":[]}", SIO_BAD, SIO_BAD},
        {"x", SIO_BAD, SIO_BAD},
    };

    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        const bool      strict = i % 2 == 0;
        const int       want = strict ? rows[i / 2].strict : rows[i / 2].lenient;
        sio_jwt_keyring ring = {.n = 0};
        sio_buf         error;

        check_row = rows[i / 2].set;
        sio_buf_init(&error, SIZE_MAX);
        CHECK_INT(sio_jwt_keyring_take_secret(&ring, SIO_VIEW(SECRET "before")), SIO_OK);
        CHECK_INT(sio_jwt_keyring_take_set(&ring, sio_view_of(rows[i / 2].set), strict, &error),
                  want);
        CHECK_INT(ring.n, 1);
        CHECK((error.len > 0) == (want != SIO_OK));
        CHECK_INT(check(&ring, &any, "{\"alg\":\"HS256\"}", SECRET "before") == SIO_JWT_SIGNED,
                  want != SIO_OK);
        sio_buf_fini(&error);
        sio_jwt_keyring_fini(&ring);
    }
    check_row = NULL;
}

int
main(void)
{
    RUN(test_a_secret_has_no_name);
    RUN(test_a_name_chooses_the_key);
    RUN(test_the_key_decides_the_algorithm);
    RUN(test_only_algorithms_that_may_be);
    RUN(test_tries_are_bounded);
    RUN(test_sets);
    return check_done();
}
