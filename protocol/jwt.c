#include "protocol/jwt.h"

#include "protocol/base64url.h"
#include "protocol/json.h"
#include "protocol/json_keys.h"
#include "protocol/json_read.h"
#include "protocol/jwt_grants.h"

const char *const sio_jwt_algorithm_names[SIO_JWT_N_ALGORITHMS] = {
    [SIO_JWT_HS256] = "HS256",
    [SIO_JWT_RS256] = "RS256",
    [SIO_JWT_ES256] = "ES256",
    [SIO_JWT_EDDSA] = "EdDSA",
};

sio_jwt_algorithm
sio_jwt_algorithm_find(sio_view name)
{
    unsigned a = 0;

    while (a < SIO_JWT_N_ALGORITHMS && !sio_view_eq(name, sio_view_of(sio_jwt_algorithm_names[a])))
        a++;
    return (sio_jwt_algorithm)a;
}

/* --- Its three parts. --- */

/* The text up to the next dot, which *rest begins behind. False: there is none. */
static bool
cut_part(sio_view *rest, sio_view *part)
{
    const char *dot = rest->len > 0 ? memchr(rest->data, '.', rest->len) : NULL;

    if (dot == NULL)
        return false;
    *part = (sio_view){rest->data, (size_t)(dot - rest->data)};
    *rest = (sio_view){dot + 1, rest->len - part->len - 1};
    return true;
}

/* Room for all of it is there, so that views stay. */
static bool
decode_part(sio_jwt *t, sio_view part, sio_view *out)
{
    const size_t before = t->bytes.len;

    if (part.len == 0 || sio_base64url_decode(part, &t->bytes) != SIO_OK)
        return false;
    *out = (sio_view){t->bytes.data + before, t->bytes.len - before};
    return true;
}

static const char *
take_apart(sio_jwt *t, sio_view token, sio_view *header)
{
    sio_view rest = token, head, body;

    if (!cut_part(&rest, &head) || !cut_part(&rest, &body) || memchr(rest.data, '.', rest.len))
        return "it has not three parts";
    t->signed_text = (sio_view){token.data, head.len + 1 + body.len};
    if (!decode_part(t, head, header) || !decode_part(t, body, &t->claims) ||
        !decode_part(t, rest, &t->signature))
        return "a part of it is not base64url";
    return NULL;
}

/* An object whose keys are each there once. */
static const char *
check_object(sio_view json, const char *why)
{
    if (sio_json_validate(json, SIO_JWT_MAX_DEPTH) != SIO_OK ||
        sio_json_read_kind_of(sio_json_read_trim(json)) != SIO_JSON_OBJECT)
        return why;
    return sio_json_keys_check(sio_json_read_trim(json)) == SIO_OK
               ? NULL
               : "it says something twice, or too much";
}

/* --- Header. --- */

/* The text of a string of ASCII, appended to the bytes. */
static bool
read_kid(sio_jwt *t, sio_view literal)
{
    const size_t before = t->bytes.len;

    if (sio_json_read_string(literal, &t->bytes) != SIO_OK)
        return false;
    t->kid = (sio_view){t->bytes.data + before, t->bytes.len - before};
    return t->kid.len > 0 && t->kid.len <= SIO_JWT_MAX_KID_BYTES;
}

static sio_jwt_algorithm
find_algorithm(sio_view literal)
{
    unsigned a = 0;

    while (a < SIO_JWT_N_ALGORITHMS &&
           !sio_json_read_string_equals(literal, sio_view_of(sio_jwt_algorithm_names[a])))
        a++;
    return (sio_jwt_algorithm)a;
}

/* No extension is understood, so one that has to be is an end (RFC 7515, 4.1.11). */
static const char *
read_header(sio_jwt *t, sio_view header)
{
    sio_json_field f[] = {{.name = SIO_VIEW("alg")},
                          {.name = SIO_VIEW("kid")},
                          {.name = SIO_VIEW("crit")},
                          {.name = SIO_VIEW("b64")}};
    const char    *why = check_object(header, "its header is no JSON object");

    if (why != NULL)
        return why;
    (void)sio_json_pick(header, SIO_JWT_MAX_DEPTH, f, sizeof f / sizeof f[0]);
    if (f[2].value.len > 0 || f[3].value.len > 0)
        return "its header wants an extension";
    t->algorithm = f[0].value.len > 0 ? find_algorithm(f[0].value) : SIO_JWT_NO_ALGORITHM;
    if (t->algorithm == SIO_JWT_NO_ALGORITHM)
        return "its algorithm is none that may be";
    if (f[1].value.len > 0 && !read_kid(t, f[1].value))
        return "its kid is no text of at most 255 bytes";
    return NULL;
}

/* --- Claims. --- */

enum { MAX_DIGITS = 12 }; /* of a second: until the year 33658 */

/* NumericDate of RFC 7519: a number of seconds; what is below a millisecond is left out. */
static bool
read_date(sio_view text, uint64_t *ms)
{
    uint64_t value = 0;
    size_t   i = 0, n_places = 0;

    for (; i < text.len && text.data[i] >= '0' && text.data[i] <= '9'; i++)
        value = i < MAX_DIGITS ? value * 10 + (uint64_t)(text.data[i] - '0') : value;
    if (i == 0 || i > MAX_DIGITS)
        return false;
    if (i < text.len && text.data[i] == '.')
        for (i++; i < text.len && text.data[i] >= '0' && text.data[i] <= '9'; i++)
            if (n_places < 3) {
                value = value * 10 + (uint64_t)(text.data[i] - '0');
                n_places++;
            }
    for (; n_places < 3; n_places++)
        value *= 10;
    *ms = value;
    return i == text.len;
}

static bool
is_text_or_absent(sio_view value)
{
    return value.len == 0 || sio_json_read_kind_of(value) == SIO_JSON_STRING;
}

static bool
is_audience(sio_view value)
{
    sio_json_iter it;
    sio_view      one;

    if (sio_json_read_kind_of(value) != SIO_JSON_ARRAY)
        return is_text_or_absent(value);
    sio_json_read_array_begin(&it, value);
    while (sio_json_read_array_next(&it, &one))
        if (sio_json_read_kind_of(one) != SIO_JSON_STRING)
            return false;
    return true;
}

static const char *
read_dates(sio_jwt *t, sio_view exp, sio_view nbf, sio_view iat)
{
    if (exp.len == 0)
        return "it has no exp";
    if (!read_date(exp, &t->expires_ms) || (nbf.len > 0 && !read_date(nbf, &t->not_before_ms)) ||
        (iat.len > 0 && !read_date(iat, &t->issued_ms)))
        return "its exp, nbf or iat is no time";
    return NULL;
}

static const char *
read_claims(sio_jwt *t)
{
    sio_json_field f[] = {
        {.name = SIO_VIEW("exp")}, {.name = SIO_VIEW("nbf")}, {.name = SIO_VIEW("iat")},
        {.name = SIO_VIEW("sub")}, {.name = SIO_VIEW("aud")}, {.name = SIO_VIEW("iss")},
        {.name = SIO_VIEW("sio")},
    };
    const char *why = check_object(t->claims, "its claims are no JSON object");

    if (why != NULL)
        return why;
    (void)sio_json_pick(t->claims, SIO_JWT_MAX_DEPTH, f, sizeof f / sizeof f[0]);
    t->claims = sio_json_read_trim(t->claims);
    t->subject = f[3].value;
    t->audience = f[4].value;
    t->issuer = f[5].value;
    t->grants = f[6].value;
    if (!is_text_or_absent(t->subject) || !is_text_or_absent(t->issuer) ||
        !is_audience(t->audience) || sio_json_read_has_nul(t->subject))
        return "its sub, iss or aud is no text";
    if (t->grants.len > 0 && !sio_jwt_grants_are_valid(t->grants))
        return "its claim \"sio\" is not as the manual says";
    return read_dates(t, f[0].value, f[1].value, f[2].value);
}

/* --- All of it. --- */

int
sio_jwt_read(sio_jwt *t, sio_view token, const char **why)
{
    sio_view header;

    *t = (sio_jwt){.algorithm = SIO_JWT_NO_ALGORITHM};
    sio_buf_init(&t->bytes, SIZE_MAX);
    *why = "it is longer than 16384 bytes";
    if (token.len > SIO_JWT_MAX_BYTES)
        return SIO_TOO_LARGE;
    *why = "out of memory";
    /* The kid is in the header, so it comes to no more than that again. */
    if (!sio_buf_reserve(&t->bytes, 2 * token.len + 1))
        return SIO_ERR_NOMEM;
    if ((*why = take_apart(t, token, &header)) != NULL || (*why = read_header(t, header)) != NULL ||
        (*why = read_claims(t)) != NULL)
        return SIO_BAD;
    return SIO_OK;
}

void
sio_jwt_fini(sio_jwt *t)
{
    sio_buf_fini(&t->bytes);
}

/* --- What is asked of it. --- */

bool
sio_jwt_is_for(const sio_jwt *t, sio_view name)
{
    sio_json_iter it;
    sio_view      one;

    if (sio_json_read_kind_of(t->audience) == SIO_JSON_STRING)
        return sio_json_read_string_equals(t->audience, name);
    sio_json_read_array_begin(&it, t->audience);
    while (sio_json_read_array_next(&it, &one))
        if (sio_json_read_string_equals(one, name))
            return true;
    return false;
}

bool
sio_jwt_is_by(const sio_jwt *t, sio_view name)
{
    return t->issuer.len > 0 && sio_json_read_string_equals(t->issuer, name);
}

bool
sio_jwt_has_expired(const sio_jwt *t, uint64_t now_ms, unsigned leeway_ms)
{
    return now_ms >= t->expires_ms + leeway_ms;
}

const char *
sio_jwt_untimely(const sio_jwt *t, uint64_t now_ms, unsigned leeway_ms)
{
    if (sio_jwt_has_expired(t, now_ms, leeway_ms))
        return "it has expired";
    if (t->not_before_ms > now_ms + leeway_ms)
        return "it is not good yet (nbf)";
    if (t->issued_ms > now_ms + leeway_ms)
        return "it was made in the future (iat)";
    return NULL;
}
