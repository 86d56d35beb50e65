#include "protocol/jwk.h"

#include "protocol/base64url.h"
#include "protocol/json.h"
#include "protocol/json_keys.h"

/* --- A set. --- */

int
sio_jwk_set_begin(sio_view text, sio_json_iter *it)
{
    sio_json_field keys = {.name = SIO_VIEW("keys")};

    if (text.len > SIO_JWK_MAX_SET_BYTES ||
        sio_json_pick(text, SIO_JWT_MAX_DEPTH, &keys, 1) != SIO_OK ||
        sio_json_read_kind_of(keys.value) != SIO_JSON_ARRAY)
        return SIO_BAD;
    sio_json_read_array_begin(it, keys.value);
    return SIO_OK;
}

/* --- A key: its members. --- */

enum { KTY, USE, OPS, ALG, KID, CRV, K, N, E, X, Y, N_MEMBERS };

static const sio_view names[N_MEMBERS] = {
    [KTY] = SIO_VIEW_INIT("kty"), [USE] = SIO_VIEW_INIT("use"), [OPS] = SIO_VIEW_INIT("key_ops"),
    [ALG] = SIO_VIEW_INIT("alg"), [KID] = SIO_VIEW_INIT("kid"), [CRV] = SIO_VIEW_INIT("crv"),
    [K] = SIO_VIEW_INIT("k"),     [N] = SIO_VIEW_INIT("n"),     [E] = SIO_VIEW_INIT("e"),
    [X] = SIO_VIEW_INIT("x"),     [Y] = SIO_VIEW_INIT("y"),
};

static bool
is_text(const sio_json_field *f, const char *text)
{
    return sio_json_read_string_equals(f->value, sio_view_of(text));
}

/* May it verify? "use" and "key_ops" are there to say so, or not (RFC 7517, 4.2 and 4.3). */
static bool
may_verify(const sio_json_field *f)
{
    sio_json_iter it;
    sio_view      one;

    if (f[USE].value.len > 0 && !is_text(&f[USE], "sig"))
        return false;
    if (f[OPS].value.len == 0)
        return true;
    sio_json_read_array_begin(&it, f[OPS].value);
    while (sio_json_read_array_next(&it, &one))
        if (sio_json_read_string_equals(one, SIO_VIEW("verify")))
            return true;
    return false;
}

/* The one algorithm that a key of this kind is for here. */
static sio_jwt_algorithm
algorithm_of(const sio_json_field *f)
{
    if (is_text(&f[KTY], "oct"))
        return SIO_JWT_HS256;
    if (is_text(&f[KTY], "RSA"))
        return SIO_JWT_RS256;
    if (is_text(&f[KTY], "EC") && is_text(&f[CRV], "P-256"))
        return SIO_JWT_ES256;
    if (is_text(&f[KTY], "OKP") && is_text(&f[CRV], "Ed25519"))
        return SIO_JWT_EDDSA;
    return SIO_JWT_NO_ALGORITHM;
}

/* --- Its numbers. --- */

static bool
read_text(sio_jwk *key, sio_view literal, sio_view *out)
{
    const size_t before = key->bytes.len;

    if (sio_json_read_string(literal, &key->bytes) != SIO_OK)
        return false;
    *out = (sio_view){key->bytes.data + before, key->bytes.len - before};
    return out->len > 0;
}

/* The text of a string is ASCII without escapes, or it is no base64url. */
static bool
read_bytes(sio_jwk *key, sio_view literal, sio_view *out)
{
    const size_t before = key->bytes.len;

    if (sio_json_read_kind_of(literal) != SIO_JSON_STRING || literal.len <= 2 ||
        sio_base64url_decode((sio_view){literal.data + 1, literal.len - 2}, &key->bytes) != SIO_OK)
        return false;
    *out = (sio_view){key->bytes.data + before, key->bytes.len - before};
    return true;
}

static void
skip_zeros(sio_view *number)
{
    while (number->len > 0 && number->data[0] == 0)
        *number = (sio_view){number->data + 1, number->len - 1};
}

static size_t
bits_of(sio_view number)
{
    size_t n = number.len * 8;

    for (unsigned top = number.len > 0 ? (unsigned char)number.data[0] : 0x80; top < 0x80;
         top <<= 1)
        n--;
    return n;
}

static const char *
read_oct(sio_jwk *key, const sio_json_field *f)
{
    if (!read_bytes(key, f[K].value, &key->first))
        return "its \"k\" is not base64url";
    return key->first.len < SIO_JWT_MIN_SECRET_BYTES ? "its \"k\" is shorter than 32 bytes" : NULL;
}

static const char *
read_rsa(sio_jwk *key, const sio_json_field *f)
{
    if (!read_bytes(key, f[N].value, &key->first) || !read_bytes(key, f[E].value, &key->second))
        return "its \"n\" or \"e\" is not base64url";
    skip_zeros(&key->first);
    skip_zeros(&key->second);
    if (bits_of(key->first) < SIO_JWK_MIN_RSA_BITS)
        return "its \"n\" is shorter than 2048 bits";
    if (bits_of(key->first) > SIO_JWK_MAX_RSA_BITS)
        return "its \"n\" is longer than 8192 bits";
    if (key->second.len == 0 || key->second.len > 8 || bits_of(key->second) < 2 ||
        (key->second.data[key->second.len - 1] & 1) == 0)
        return "its \"e\" is no exponent";
    return NULL;
}

static const char *
read_ec(sio_jwk *key, const sio_json_field *f)
{
    if (!read_bytes(key, f[X].value, &key->first) || !read_bytes(key, f[Y].value, &key->second))
        return "its \"x\" or \"y\" is not base64url";
    return key->first.len != SIO_JWK_P256_BYTES || key->second.len != SIO_JWK_P256_BYTES
               ? "its \"x\" or \"y\" is not 32 bytes"
               : NULL;
}

static const char *
read_okp(sio_jwk *key, const sio_json_field *f)
{
    if (!read_bytes(key, f[X].value, &key->first))
        return "its \"x\" is not base64url";
    return key->first.len != SIO_JWK_ED25519_BYTES ? "its \"x\" is not 32 bytes" : NULL;
}

static const char *
read_numbers(sio_jwk *key, const sio_json_field *f)
{
    switch (key->algorithm) {
    case SIO_JWT_HS256:
        return read_oct(key, f);
    case SIO_JWT_RS256:
        return read_rsa(key, f);
    case SIO_JWT_ES256:
        return read_ec(key, f);
    default:
        return read_okp(key, f);
    }
}

int
sio_jwk_read(sio_jwk *key, sio_view json, const char **why)
{
    sio_json_field f[N_MEMBERS];

    *key = (sio_jwk){.algorithm = SIO_JWT_NO_ALGORITHM};
    sio_buf_init(&key->bytes, SIZE_MAX);
    for (size_t i = 0; i < N_MEMBERS; i++)
        f[i] = (sio_json_field){.name = names[i]};
    *why = "it is no JSON object whose members are each there once";
    if (sio_json_pick(json, SIO_JWT_MAX_DEPTH, f, N_MEMBERS) != SIO_OK ||
        sio_json_read_kind_of(json) != SIO_JSON_OBJECT || sio_json_keys_check(json) != SIO_OK)
        return SIO_BAD;
    key->algorithm = algorithm_of(f);
    if (key->algorithm == SIO_JWT_NO_ALGORITHM || !may_verify(f) ||
        (f[ALG].value.len > 0 && !is_text(&f[ALG], sio_jwt_algorithm_names[key->algorithm])))
        return SIO_ERR_NOT_FOUND;
    *why = "out of memory";
    if (!sio_buf_reserve(&key->bytes, json.len)) /* so that views stay */
        return SIO_ERR_NOMEM;
    if (f[KID].value.len > 0 && !read_text(key, f[KID].value, &key->kid)) {
        *why = "its \"kid\" is no text";
        return SIO_BAD;
    }
    return (*why = read_numbers(key, f)) == NULL ? SIO_OK : SIO_BAD;
}

void
sio_jwk_fini(sio_jwk *key)
{
    if (key->bytes.data != NULL)
        explicit_bzero(key->bytes.data, key->bytes.len);
    sio_buf_fini(&key->bytes);
}
