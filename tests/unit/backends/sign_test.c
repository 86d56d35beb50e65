#include "server/backends/sign.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

/* The vector that the libraries of Standard Webhooks are tested with. */
static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
static const char body[] = "{\"test\": 2432232314}";
static const char signature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
enum { TIMESTAMP = 1614265330 };

/* By HMAC-SHA-256 of Node's crypto over the same text. */
static const char other_secret[] = "whsec_c2lvYnJva2VyIHNpZ25zIHdpdGggdGhpcyBzZWNyZXQ=";
static const char other_signature[] = "v1,es9u0Wde5tZP0BoKLyRjsD9tIh2ZWtWpo9yJkxJN2b0=";

static void
check_signed(const char *const *secrets, size_t n, const char *want)
{
    sio_view  views[SIO_SIGN_MAX_SECRETS];
    sio_sign *s = NULL;
    sio_buf   out;

    for (size_t i = 0; i < n; i++)
        views[i] = sio_view_of(secrets[i]);
    if (!CHECK_INT(sio_sign_new(&s, views, n), SIO_OK))
        return;
    sio_buf_init(&out, SIZE_MAX);
    for (unsigned twice = 0; twice < 2; twice++) {
        sio_buf_clear(&out);
        sio_sign_add(s, sio_view_of(id), TIMESTAMP, sio_view_of(body), &out);
        CHECK(!out.failed);
        CHECK_VIEW(sio_buf_view(&out), want);
    }
    sio_buf_fini(&out);
    sio_sign_free(s);
}

static void
test_signs_as_the_specification(void)
{
    const char *const secrets[] = {secret};

    check_signed(secrets, 1, signature);
}

static void
test_signs_with_two_secrets(void)
{
    const char *const secrets[] = {other_secret, secret};
    char              both[256];

    snprintf(both, sizeof both, "%s %s", other_signature, signature);
    check_signed(secrets, 2, both);
}

static void
test_signs_nothing_without_a_secret(void)
{
    check_signed(NULL, 0, "");
}

static void
test_what_is_a_secret(void)
{
    static const struct {
        const char *text;
        bool        is_secret;
    } rows[] = {
        {secret, true},
        {other_secret, true},
        {"", false},
        {"whsec_", false},
        {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false},        /* says not what it is */
        {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ==", false},  /* 22 bytes */
        {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", false},   /* cut */
        {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ", false}, /* a blank */
        {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS_", false},  /* base64url */
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sio_view text = sio_view_of(rows[i].text);
        sio_sign      *s = NULL;

        check_row = rows[i].text;
        CHECK_INT(sio_sign_is_secret(text), rows[i].is_secret);
        CHECK_INT(sio_sign_new(&s, &text, 1), rows[i].is_secret ? SIO_OK : SIO_BAD);
        sio_sign_free(s);
    }
}

/* base64: 64 bytes are 86 characters and "==", 65 are 87 and "=". */
static void
test_how_long_a_secret_may_be(void)
{
    char text[] =
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAA==";

    CHECK_INT(sizeof text - 1, 6 + 88);
    CHECK(sio_sign_is_secret(sio_view_of(text)));
    text[6 + 86] = 'A';
    CHECK(!sio_sign_is_secret(sio_view_of(text)));
}

int
main(void)
{
    RUN(test_signs_as_the_specification);
    RUN(test_signs_with_two_secrets);
    RUN(test_signs_nothing_without_a_secret);
    RUN(test_what_is_a_secret);
    RUN(test_how_long_a_secret_may_be);
    return check_done();
}
