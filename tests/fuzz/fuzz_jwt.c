/*
 * tests/fuzz/fuzz_jwt.c - protocol/jwt.h, jwt_grants.h and jwk.h: the input is a token, a key set,
 * and the three parts of a token not yet encoded, one to a line. Whatever they say, all views lie
 * where they are promised to, and what is taken has been written in the one way that there is.
 */
#include <stdint.h>

#include "protocol/base64url.h"
#include "protocol/jwk.h"
#include "protocol/jwt.h"
#include "protocol/jwt_grants.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_part(sio_view bytes, sio_buf *text)
{
    if (text->len > 0)
        sio_buf_add_char(text, '.');
    sio_base64url_encode(bytes, text);
}

static void
check_grants(const sio_jwt *t)
{
    sio_json_iter it;
    sio_view      one;

    (void)sio_jwt_grants_namespace(t->grants, SIO_VIEW("/"));
    sio_jwt_grants_rooms_begin(t->grants, SIO_VIEW("/"), &it);
    while (sio_json_read_array_next(&it, &one))
        must(sio_json_read_kind_of(one) == SIO_JSON_STRING && one.len > 2);
    (void)sio_jwt_grants_events_begin(t->grants, &it);
    while (sio_json_read_array_next(&it, &one))
        must(sio_json_read_kind_of(one) == SIO_JSON_STRING && one.len > 2);
}

static void
check_good(const sio_jwt *t, sio_view token)
{
    const sio_view whole = sio_buf_view(&t->bytes);
    const sio_view encoded = {token.data + t->signed_text.len + 1,
                              token.len - t->signed_text.len - 1};
    sio_buf        again;

    must_be_inside(t->signed_text, token);
    must_be_inside(t->signature, whole);
    must_be_inside(t->claims, whole);
    must_be_inside(t->kid, whole);
    must_be_inside(t->subject, t->claims);
    must_be_inside(t->grants, t->claims);
    must(t->algorithm < SIO_JWT_N_ALGORITHMS && t->signature.len > 0);
    sio_buf_init(&again, SIZE_MAX);
    check_part(t->signature, &again);
    must(sio_view_eq(sio_buf_view(&again), encoded));
    sio_buf_fini(&again);
    check_grants(t);
    (void)sio_jwt_is_for(t, SIO_VIEW("a"));
    (void)sio_jwt_is_by(t, SIO_VIEW("a"));
}

static void
check_token(sio_view token)
{
    const char *why = NULL;
    sio_jwt     t;
    const int   rc = sio_jwt_read(&t, token, &why);

    must((rc == SIO_OK) == (why == NULL));
    if (rc == SIO_OK)
        check_good(&t, token);
    sio_jwt_fini(&t);
}

static void
check_key(sio_view json)
{
    const char *why = NULL;
    sio_jwk     key;

    if (sio_jwk_read(&key, json, &why) == SIO_OK) {
        must_be_inside(key.first, sio_buf_view(&key.bytes));
        must_be_inside(key.second, sio_buf_view(&key.bytes));
        must_be_inside(key.kid, sio_buf_view(&key.bytes));
        must(key.first.len >= SIO_JWK_P256_BYTES);
    }
    sio_jwk_fini(&key);
}

static void
check_set(sio_view set)
{
    sio_json_iter it;
    sio_view      json;

    if (sio_jwk_set_begin(set, &it) != SIO_OK)
        return;
    while (sio_json_read_array_next(&it, &json))
        check_key(json);
}

/* Up to the end of the line, which *rest begins behind. */
static sio_view
take_line(sio_view *rest)
{
    const char    *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    const sio_view line = {rest->data, end != NULL ? (size_t)(end - rest->data) : rest->len};

    *rest = end != NULL ? (sio_view){end + 1, rest->len - line.len - 1} : SIO_VIEW("");
    return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_view rest = {(const char *)data, size};
    sio_buf  token;

    check_token(take_line(&rest));
    check_set(take_line(&rest));
    sio_buf_init(&token, SIZE_MAX);
    check_part(take_line(&rest), &token);
    check_part(take_line(&rest), &token);
    check_part(take_line(&rest), &token);
    check_token(sio_buf_view(&token));
    sio_buf_fini(&token);
    return 0;
}
