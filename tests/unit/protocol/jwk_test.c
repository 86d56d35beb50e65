/* tests/unit/protocol/jwk_test.c - protocol/jwk.h: which keys are for tokens, and which are not. */
#include "protocol/jwk.h"

#include "protocol/base64url.h"
#include "protocol/result.h"
#include "tests/unit/check.h"

#define K32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" /* 32 bytes */
#define K31 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static int
read_key(const char *json, sio_jwt_algorithm *a)
{
    const char *why;
    sio_jwk     key;
    const int   rc = sio_jwk_read(&key, sio_view_of(json), &why);

    *a = key.algorithm;
    sio_jwk_fini(&key);
    return rc;
}

static void
test_kinds(void)
{
    static const struct {
        const char *json;
        int         rc;
    } rows[] = {
        {"{\"kty\":\"oct\",\"k\":\"" K32 "\"}", SIO_OK},
        {"{\"kty\":\"oct\",\"k\":\"" K32 "\",\"use\":\"sig\",\"alg\":\"HS256\","
         "\"key_ops\":[\"sign\",\"verify\"],\"kid\":\"a\"}",
         SIO_OK},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" K32 "\",\"y\":\"" K32 "\"}", SIO_OK},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" K32 "\"}", SIO_OK},
        /* For something else. */
        {"{\"kty\":\"oct\",\"k\":\"" K32 "\",\"use\":\"enc\"}", SIO_ERR_NOT_FOUND},
        {"{\"kty\":\"oct\",\"k\":\"" K32 "\",\"alg\":\"HS512\"}", SIO_ERR_NOT_FOUND},
        {"{\"kty\":\"oct\",\"k\":\"" K32 "\",\"key_ops\":[\"sign\"]}", SIO_ERR_NOT_FOUND},
        {"{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AA\",\"y\":\"AA\"}", SIO_ERR_NOT_FOUND},
        {"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" K32 "\"}", SIO_ERR_NOT_FOUND},
        {"{\"kty\":\"RSA\",\"alg\":\"PS256\",\"n\":\"AA\",\"e\":\"AQAB\"}", SIO_ERR_NOT_FOUND},
        {"{\"kty\":\"new\"}", SIO_ERR_NOT_FOUND},
        {"{}", SIO_ERR_NOT_FOUND},
        /* Broken, or too weak. */
        {"[]", SIO_BAD},
        {"{\"kty\":\"oct\",\"kty\":\"RSA\",\"k\":\"" K32 "\"}", SIO_BAD},
        {"{\"kty\":\"oct\"}", SIO_BAD},
        {"{\"kty\":\"oct\",\"k\":7}", SIO_BAD},
        {"{\"kty\":\"oct\",\"k\":\"" K31 "\"}", SIO_BAD},
        {"{\"kty\":\"oct\",\"k\":\"" K32 "=\"}", SIO_BAD},
        {"{\"kty\":\"oct\",\"k\":\"" K32 "\",\"kid\":7}", SIO_BAD},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" K32 "\",\"y\":\"" K31 "\"}", SIO_BAD},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" K32 "\"}", SIO_BAD},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" K31 "\"}", SIO_BAD},
        {"{\"kty\":\"RSA\",\"n\":\"" K32 "\",\"e\":\"AQAB\"}", SIO_BAD},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_jwt_algorithm a;

        check_row = rows[i].json;
        CHECK_INT(read_key(rows[i].json, &a), rows[i].rc);
    }
    check_row = NULL;
}

/* first: the highest byte of a modulus of n bytes. */
static int
read_rsa(unsigned first, size_t n, const char *e)
{
    sio_buf           bytes, json;
    sio_jwt_algorithm a;
    int               rc;

    sio_buf_init(&bytes, SIZE_MAX);
    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_char(&bytes, (char)first);
    while (bytes.len < n)
        sio_buf_add_char(&bytes, 1);
    sio_buf_add_str(&json, "{\"kty\":\"RSA\",\"n\":\"");
    sio_base64url_encode(sio_buf_view(&bytes), &json);
    sio_buf_add_str(&json, "\",\"e\":\"");
    sio_buf_add_str(&json, e);
    sio_buf_add_str(&json, "\"}");
    sio_buf_add_char(&json, '\0');
    rc = read_key(json.data, &a);
    sio_buf_fini(&bytes);
    sio_buf_fini(&json);
    return rc;
}

static void
test_lengths_of_rsa(void)
{
    CHECK_INT(read_rsa(0x80, 256, "AQAB"), SIO_OK);
    CHECK_INT(read_rsa(0x7f, 256, "AQAB"), SIO_BAD);
    CHECK_INT(read_rsa(0, 256, "AQAB"), SIO_BAD); /* zeros before it are not its */
    CHECK_INT(read_rsa(0, 257, "AQAB"), SIO_BAD); /* 1 is its highest byte then: 2041 bits */
    CHECK_INT(read_rsa(0xff, 1024, "AQAB"), SIO_OK);
    CHECK_INT(read_rsa(1, 1025, "AQAB"), SIO_BAD);
    CHECK_INT(read_rsa(0x80, 256, "Aw"), SIO_OK);
    CHECK_INT(read_rsa(0x80, 256, "AQ"), SIO_BAD);           /* 1 */
    CHECK_INT(read_rsa(0x80, 256, "AA"), SIO_BAD);           /* 0 */
    CHECK_INT(read_rsa(0x80, 256, "AQAA"), SIO_BAD);         /* even */
    CHECK_INT(read_rsa(0x80, 256, "AQAAAAAAAAAB"), SIO_BAD); /* 2^64 + 1 */
}

static void
test_sets(void)
{
    sio_json_iter it;
    sio_view      one;

    CHECK_INT(sio_jwk_set_begin(SIO_VIEW("{\"keys\":[{},{}]}"), &it), SIO_OK);
    CHECK(sio_json_read_array_next(&it, &one) && sio_json_read_array_next(&it, &one) &&
          !sio_json_read_array_next(&it, &one));
    CHECK_INT(sio_jwk_set_begin(SIO_VIEW(""), &it), SIO_BAD);
    CHECK_INT(sio_jwk_set_begin(SIO_VIEW("[]"), &it), SIO_BAD);
    CHECK_INT(sio_jwk_set_begin(SIO_VIEW("{\"keys\":{}}"), &it), SIO_BAD);
    CHECK_INT(sio_jwk_set_begin(SIO_VIEW("{\"keys\":[}"), &it), SIO_BAD);
    CHECK_INT(sio_jwk_set_begin(SIO_VIEW("<html>"), &it), SIO_BAD);
}

int
main(void)
{
    RUN(test_kinds);
    RUN(test_lengths_of_rsa);
    RUN(test_sets);
    return check_done();
}
