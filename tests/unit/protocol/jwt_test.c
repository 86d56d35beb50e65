/* tests/unit/protocol/jwt_test.c - protocol/jwt.h and protocol/jwt_grants.h: what tokens say. */
#include "protocol/jwt.h"

#include <stdlib.h>

#include "protocol/base64url.h"
#include "protocol/jwt_grants.h"
#include "protocol/result.h"
#include "tests/unit/check.h"

static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
static const char claims[] = "{\"exp\":2000000000}";

static void
add_token(sio_buf *out, const char *head, const char *body, const char *signature)
{
    sio_base64url_encode(sio_view_of(head), out);
    sio_buf_add_char(out, '.');
    sio_base64url_encode(sio_view_of(body), out);
    sio_buf_add_char(out, '.');
    sio_base64url_encode(sio_view_of(signature), out);
}

static int
read_parts(sio_jwt *t, sio_buf *text, const char *head, const char *body)
{
    const char *why;

    sio_buf_init(text, SIZE_MAX);
    add_token(text, head, body, "signature");
    return sio_jwt_read(t, sio_buf_view(text), &why);
}

static void
test_says_what_is_in_it(void)
{
    sio_jwt t;
    sio_buf text;

    CHECK_INT(read_parts(&t, &text, "{\"alg\":\"ES256\",\"kid\":\"k\\u0031\",\"x\":[1]}",
                         " {\"sub\":\"42\",\"aud\":[\"a\",\"b\"],\"iss\":\"me\",\"exp\":1.5,"
                         "\"nbf\":1,\"iat\":0.9999,\"more\":{}} "),
              SIO_OK);
    CHECK_INT(t.algorithm, SIO_JWT_ES256);
    CHECK_VIEW(t.kid, "k1");
    CHECK_VIEW(t.signature, "signature");
    CHECK_VIEW(t.subject, "\"42\"");
    CHECK_INT(t.expires_ms, 1500);
    CHECK_INT(t.not_before_ms, 1000);
    CHECK_INT(t.issued_ms, 999);
    CHECK(sio_jwt_is_for(&t, SIO_VIEW("b")) && !sio_jwt_is_for(&t, SIO_VIEW("c")));
    CHECK(sio_jwt_is_by(&t, SIO_VIEW("me")) && !sio_jwt_is_by(&t, SIO_VIEW("m")));
    CHECK_INT(t.claims.data[0], '{');
    CHECK_INT(t.claims.data[t.claims.len - 1], '}');
    sio_jwt_fini(&t);
    sio_buf_fini(&text);
}

static void
test_without_a_claim_nothing_is_meant(void)
{
    sio_jwt t;
    sio_buf text;

    CHECK_INT(read_parts(&t, &text, header, claims), SIO_OK);
    CHECK(!sio_jwt_is_for(&t, SIO_VIEW("")) && !sio_jwt_is_by(&t, SIO_VIEW("")));
    CHECK_INT(t.kid.len, 0);
    CHECK_INT(t.grants.len, 0);
    sio_jwt_fini(&t);
    sio_buf_fini(&text);
}

static void
test_refuses_headers(void)
{
    static const char *const rows[] = {
        "",
        "1",
        "[]",
        "{}",
        "{\"alg\":\"HS256\"",
        "{\"alg\":\"HS256\"}x",
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"\"}",
        "{\"alg\":null}",
        "{\"alg\":1}",
        "{\"alg\":[\"HS256\"]}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"HS384\"}",
        "{\"alg\":\"RS512\"}",
        "{\"alg\":\"ES256K\"}",
        "{\"alg\":\"HS256\\u0000\"}",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
        "{\"alg\":\"none\",\"\\u0061lg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}",
        "{\"alg\":\"HS256\",\"crit\":[]}",
        "{\"alg\":\"HS256\",\"b64\":false}",
        "{\"alg\":\"HS256\",\"kid\":7}",
        "{\"alg\":\"HS256\",\"kid\":\"\"}",
        "{\"alg\":\"HS256\",\"x\":\"\xff\"}",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_jwt t;
        sio_buf text;

        check_row = rows[i];
        CHECK_INT(read_parts(&t, &text, rows[i], claims), SIO_BAD);
        sio_jwt_fini(&t);
        sio_buf_fini(&text);
    }
    check_row = NULL;
}

static void
test_refuses_claims(void)
{
    static const char *const rows[] = {
        "",
        "[]",
        "{}",
        "{\"exp\":\"2000000000\"}",
        "{\"exp\":null}",
        "{\"exp\":-1}",
        "{\"exp\":2e9}",
        "{\"exp\":1.}",
        "{\"exp\":9999999999999}",
        "{\"exp\":2000000000,\"exp\":3000000000}",
        "{\"exp\":2000000000,\"e\\u0078p\":3000000000}",
        "{\"exp\":2000000000,\"nbf\":\"1\"}",
        "{\"exp\":2000000000,\"iat\":{}}",
        "{\"exp\":2000000000,\"sub\":42}",
        "{\"exp\":2000000000,\"sub\":\"4\\u00002\"}",
        "{\"exp\":2000000000,\"iss\":[\"me\"]}",
        "{\"exp\":2000000000,\"aud\":7}",
        "{\"exp\":2000000000,\"aud\":[\"a\",7]}",
        "{\"exp\":2000000000,\"sio\":[]}",
        "{\"exp\":2000000000,\"sio\":null}",
        "{\"exp\":2000000000,\"sio\":{\"emits\":[]}}",
        "{\"exp\":2000000000,\"sio\":{\"emit\":[],\"emit\":[\"*\"]}}",
        "{\"exp\":2000000000,\"sio\":{\"emit\":\"say\"}}",
        "{\"exp\":2000000000,\"sio\":{\"emit\":[1]}}",
        "{\"exp\":2000000000,\"sio\":{\"emit\":[\"\"]}}",
        "{\"exp\":2000000000,\"sio\":{\"emit\":[\"a\\u0000\"]}}",
        "{\"exp\":2000000000,\"sio\":{\"namespaces\":{}}}",
        "{\"exp\":2000000000,\"sio\":{\"join\":[\"a\"]}}",
        "{\"exp\":2000000000,\"sio\":{\"join\":{\"/\":\"a\"}}}",
        "{\"exp\":2000000000,\"sio\":{\"join\":{\"/\":[],\"/\":[\"a\"]}}}",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_jwt t;
        sio_buf text;

        check_row = rows[i];
        CHECK_INT(read_parts(&t, &text, header, rows[i]), SIO_BAD);
        sio_jwt_fini(&t);
        sio_buf_fini(&text);
    }
    check_row = NULL;
}

static int
read_text(const char *token, size_t len)
{
    const char *why;
    sio_jwt     t;
    const int   rc = sio_jwt_read(&t, (sio_view){token, len}, &why);

    sio_jwt_fini(&t);
    return rc;
}

static void
test_refuses_other_texts(void)
{
    static const char *const rows[] = {"",         ".",           "..",         "...",
                                       "a.b.c",    "e30.e30",     "e30.e30.",   "e30.e30.e30.e30",
                                       "e30..e30", "e30=.e30.AA", "e30.e30.A A"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i];
        CHECK_INT(read_text(rows[i], strlen(rows[i])), SIO_BAD);
    }
    check_row = NULL;
}

/* No beginning of a token is one, and none is read behind its end. */
static void
test_refuses_each_beginning(void)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    add_token(&text, header, claims, "");
    for (size_t n = 0; n <= text.len; n++) {
        char *part = malloc(n + 1);

        memcpy(part, text.data, n);
        CHECK_INT(read_text(part, n), SIO_BAD);
        free(part);
    }
    sio_buf_fini(&text);
}

static void
test_refuses_a_long_one(void)
{
    char *text = malloc(SIO_JWT_MAX_BYTES + 1);

    memset(text, 'a', SIO_JWT_MAX_BYTES + 1);
    CHECK_INT(read_text(text, SIO_JWT_MAX_BYTES), SIO_BAD);
    CHECK_INT(read_text(text, SIO_JWT_MAX_BYTES + 1), SIO_TOO_LARGE);
    free(text);
}

static void
test_time(void)
{
    const sio_jwt t = {.expires_ms = 10000, .not_before_ms = 5000, .issued_ms = 5000};
    const sio_jwt future = {.expires_ms = 10000, .issued_ms = 8001};

    CHECK(sio_jwt_untimely(&t, 5000, 0) == NULL);
    CHECK(sio_jwt_untimely(&t, 9999, 0) == NULL);
    CHECK(sio_jwt_untimely(&t, 10000, 0) != NULL);
    CHECK(sio_jwt_untimely(&t, 10999, 1000) == NULL);
    CHECK(sio_jwt_untimely(&t, 11000, 1000) != NULL);
    CHECK(sio_jwt_untimely(&t, 4999, 0) != NULL);
    CHECK(sio_jwt_untimely(&t, 4000, 1000) == NULL);
    CHECK(sio_jwt_untimely(&future, 8000, 0) != NULL);
    CHECK(sio_jwt_untimely(&future, 8000, 1) == NULL);
    CHECK(sio_jwt_has_expired(&t, 11000, 1000) && !sio_jwt_has_expired(&t, 10999, 1000));
}

static size_t
count(sio_json_iter it)
{
    sio_view one;
    size_t   n = 0;

    while (sio_json_read_array_next(&it, &one))
        n++;
    return n;
}

static void
test_grants(void)
{
    const sio_view all = SIO_VIEW(""), empty = SIO_VIEW("{}");
    const sio_view some = SIO_VIEW("{\"namespaces\":[\"/\",\"/\\u0063\"],\"emit\":[\"a\",\"b*\"],"
                                   "\"join\":{\"/\":[\"r\",\"s\"]}}");
    const sio_view none = SIO_VIEW("{\"namespaces\":[],\"emit\":[]}");
    sio_json_iter  it;

    CHECK(sio_jwt_grants_are_valid(empty) && sio_jwt_grants_are_valid(some) &&
          sio_jwt_grants_are_valid(none));
    CHECK(sio_jwt_grants_namespace(all, SIO_VIEW("/")) &&
          sio_jwt_grants_namespace(empty, SIO_VIEW("/x")));
    CHECK(sio_jwt_grants_namespace(some, SIO_VIEW("/c")) &&
          !sio_jwt_grants_namespace(some, SIO_VIEW("/d")));
    CHECK(!sio_jwt_grants_namespace(none, SIO_VIEW("/")));
    CHECK(!sio_jwt_grants_events_begin(all, &it) && !sio_jwt_grants_events_begin(empty, &it));
    CHECK(sio_jwt_grants_events_begin(some, &it));
    CHECK_INT(count(it), 2);
    CHECK(sio_jwt_grants_events_begin(none, &it));
    CHECK_INT(count(it), 0);
    sio_jwt_grants_rooms_begin(some, SIO_VIEW("/"), &it);
    CHECK_INT(count(it), 2);
    sio_jwt_grants_rooms_begin(some, SIO_VIEW("/c"), &it);
    CHECK_INT(count(it), 0);
    sio_jwt_grants_rooms_begin(all, SIO_VIEW("/"), &it);
    CHECK_INT(count(it), 0);
}

int
main(void)
{
    RUN(test_says_what_is_in_it);
    RUN(test_without_a_claim_nothing_is_meant);
    RUN(test_refuses_headers);
    RUN(test_refuses_claims);
    RUN(test_refuses_other_texts);
    RUN(test_refuses_each_beginning);
    RUN(test_refuses_a_long_one);
    RUN(test_time);
    RUN(test_grants);
    return check_done();
}
