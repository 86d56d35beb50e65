/*
 * tests/unit/base/jws_key_test.c - base/jws_key.h, with the examples of RFC 7515 (appendix A) and
 * RFC 8037 (appendix A.4).
 */
#include "server/base/jws_key.h"

#include <stdlib.h>

#include "protocol/base64url.h"
#include "protocol/result.h"
#include "tests/unit/check.h"

#define PAYLOAD                                                                                  \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn" \
    "VlfQ"
#define RSA_N                                                                                     \
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm" \
    "4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5" \
    "rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGh" \
    "yxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"

typedef struct {
    const char       *name;
    sio_jwt_algorithm algorithm;
    const char       *jwk, *text, *signature;
} example;

static const example examples[] = {
    {"RFC 7515, A.1", SIO_JWT_HS256,
     "{\"kty\":\"oct\",\"kid\":\"h\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-"
     "1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}",
     "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." PAYLOAD,
     "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
    {"RFC 7515, A.2", SIO_JWT_RS256,
     "{\"kty\":\"RSA\",\"kid\":\"r\",\"e\":\"AQAB\",\"n\":\"" RSA_N "\"}",
     "eyJhbGciOiJSUzI1NiJ9." PAYLOAD,
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp"
     "5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBM"
     "Hlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI"
     "2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {"RFC 7515, A.3", SIO_JWT_ES256,
     "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
     "eyJhbGciOiJFUzI1NiJ9." PAYLOAD,
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-"
     "Kg6NU1Q"},
    {"RFC 8037, A.4", SIO_JWT_EDDSA,
     "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"o\","
     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
};

enum { N_EXAMPLES = sizeof examples / sizeof examples[0] };

/* NULL: the test has failed. */
static sio_jws_key *
key_of(const char *json)
{
    sio_jws_key *key = NULL;
    const char  *why;
    sio_jwk      jwk;

    CHECK_INT(sio_jwk_read(&jwk, sio_view_of(json), &why), SIO_OK);
    CHECK_INT(sio_jws_key_new(&key, &jwk), SIO_OK);
    sio_jwk_fini(&jwk);
    return key;
}

static void
decode(const char *text, sio_buf *bytes)
{
    sio_buf_init(bytes, SIZE_MAX);
    CHECK_INT(sio_base64url_decode(sio_view_of(text), bytes), SIO_OK);
}

static void
test_verifies_the_examples(void)
{
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        const example *e = &examples[i];
        sio_jws_key   *key = key_of(e->jwk);
        sio_buf        signature;

        check_row = e->name;
        decode(e->signature, &signature);
        CHECK_INT(sio_jws_key_algorithm(key), e->algorithm);
        CHECK_INT(sio_jws_key_id(key).len, 1);
        CHECK(sio_jws_key_verifies(key, sio_view_of(e->text), sio_buf_view(&signature)));
        sio_buf_fini(&signature);
        sio_jws_key_free(key);
    }
    check_row = NULL;
}

static void
check_refuses(const sio_jws_key *key, sio_view text, sio_view signature)
{
    CHECK(!sio_jws_key_verifies(key, text, signature));
}

/* Each byte counts, of the text and of the signature, and so does each length. */
static void
test_refuses_what_was_changed(void)
{
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        const example *e = &examples[i];
        sio_jws_key   *key = key_of(e->jwk);
        const sio_view text = sio_view_of(e->text);
        sio_buf        s;

        check_row = e->name;
        decode(e->signature, &s);
        check_refuses(key, (sio_view){text.data, text.len - 1}, sio_buf_view(&s));
        for (size_t n = 0; n < s.len; n++) {
            check_refuses(key, text, (sio_view){s.data, n});
            s.data[n] ^= 1;
            check_refuses(key, text, sio_buf_view(&s));
            s.data[n] ^= 1;
        }
        sio_buf_add_char(&s, '\0');
        check_refuses(key, text, sio_buf_view(&s));
        sio_buf_fini(&s);
        sio_jws_key_free(key);
    }
    check_row = NULL;
}

/* Zeros are a signature by nobody (CVE-2022-21449). */
static void
test_refuses_zeros(void)
{
    char zeros[64] = {0};

    for (size_t i = 0; i < N_EXAMPLES; i++) {
        sio_jws_key *key = key_of(examples[i].jwk);

        check_refuses(key, sio_view_of(examples[i].text), (sio_view){zeros, sizeof zeros});
        sio_jws_key_free(key);
    }
}

static void
test_refuses_a_point_beside_the_curve(void)
{
    static const char json[] =
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_X "\"}";
    sio_jws_key *key = NULL;
    const char  *why;
    sio_jwk      jwk;

    CHECK_INT(sio_jwk_read(&jwk, sio_view_of(json), &why), SIO_OK);
    CHECK_INT(sio_jws_key_new(&key, &jwk), SIO_BAD);
    sio_jwk_fini(&jwk);
}

static void
test_a_secret_signs_what_it_verifies(void)
{
    const sio_view text = SIO_VIEW("header.claims");
    sio_jws_key   *key = NULL, *other = NULL;
    sio_buf        s;

    CHECK_INT(sio_jws_key_new_secret(&key, SIO_VIEW("0123456789abcdef0123456789abcdef")), SIO_OK);
    CHECK_INT(sio_jws_key_new_secret(&other, SIO_VIEW("0123456789abcdef0123456789abcdeF")), SIO_OK);
    sio_buf_init(&s, SIZE_MAX);
    CHECK_INT(sio_jws_key_sign(key, text, &s), SIO_OK);
    CHECK_INT(s.len, 32);
    CHECK(sio_jws_key_verifies(key, text, sio_buf_view(&s)));
    CHECK(!sio_jws_key_verifies(other, text, sio_buf_view(&s)));
    sio_buf_fini(&s);
    sio_jws_key_free(key);
    sio_jws_key_free(other);
}

static void
test_no_pem_is_no_key(void)
{
    static const char cut[] = "-----BEGIN PRIVATE KEY-----\n";
    static const char bad[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    static const char *const texts[] = {"", "x", cut, bad};
    sio_jws_key             *key = NULL;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK_INT(sio_jws_key_new_pem(&key, sio_view_of(texts[i])), SIO_BAD);
}

int
main(void)
{
    RUN(test_verifies_the_examples);
    RUN(test_refuses_what_was_changed);
    RUN(test_refuses_zeros);
    RUN(test_refuses_a_point_beside_the_curve);
    RUN(test_a_secret_signs_what_it_verifies);
    RUN(test_no_pem_is_no_key);
    return check_done();
}
