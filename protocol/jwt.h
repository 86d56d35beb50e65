/*
 * protocol/jwt.h - JSON Web Tokens: what one says, before anybody has checked who says so.
 *
 * Called by server/backends/jwt_check.c, which asks the key (base/jws_key.h). Pure; allocates only
 * through sio_buf. Rules: RFC 7515 (JWS, the compact serialization), RFC 7519 (JWT), RFC 8037
 * (EdDSA), RFC 8725 (best current practices). Stricter where that costs nobody anything: one way to
 * write each part, no key twice, `exp` has to be there.
 */
#ifndef SIO_PROTOCOL_JWT_H
#define SIO_PROTOCOL_JWT_H

#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/view.h"

enum {
    SIO_JWT_MAX_BYTES = 16384,
    SIO_JWT_MAX_DEPTH = 32,        /* of its JSON */
    SIO_JWT_MIN_SECRET_BYTES = 32, /* RFC 7518, 3.2 */
    SIO_JWT_MAX_KID_BYTES = 255
};

typedef enum {
    SIO_JWT_HS256,
    SIO_JWT_RS256,
    SIO_JWT_ES256,
    SIO_JWT_EDDSA,
    SIO_JWT_N_ALGORITHMS,
    SIO_JWT_NO_ALGORITHM = SIO_JWT_N_ALGORITHMS
} sio_jwt_algorithm;

extern const char *const sio_jwt_algorithm_names[SIO_JWT_N_ALGORITHMS];

/* SIO_JWT_NO_ALGORITHM: it is none of them. "none" is none. */
sio_jwt_algorithm sio_jwt_algorithm_find(sio_view name);

/* A token taken apart. Views are of the token, or of `bytes`. */
typedef struct {
    sio_buf           bytes;       /* header, claims, signature and kid, decoded */
    sio_view          signed_text; /* of the token */
    sio_view          signature;
    sio_jwt_algorithm algorithm; /* that it claims to be signed with: the key decides */
    sio_view          kid;       /* which key that is; empty: it does not say */
    sio_view          claims;    /* a JSON object */
    /* Of the claims, as JSON; empty: not there. */
    sio_view subject, audience, issuer, grants;
    uint64_t expires_ms, not_before_ms, issued_ms; /* since 1970; the last two: 0, if not there */
} sio_jwt;

/*
 * Take a token apart, which lives as long as *t. SIO_OK; SIO_BAD: it is none that could be good,
 * SIO_TOO_LARGE, or SIO_ERR_NOMEM, and then *why says so in words that show nothing of it. *t is to
 * be given to sio_jwt_fini() in any case.
 */
int sio_jwt_read(sio_jwt *t, sio_view token, const char **why);

void sio_jwt_fini(sio_jwt *t);

/* Is name the audience, or one of several? */
bool sio_jwt_is_for(const sio_jwt *t, sio_view name);

/* Is that its issuer? */
bool sio_jwt_is_by(const sio_jwt *t, sio_view name);

/* Is it good at that time, with clocks that differ by leeway_ms? NULL, or why it is not. */
const char *sio_jwt_untimely(const sio_jwt *t, uint64_t now_ms, unsigned leeway_ms);

/* Has it been good, but is not any more? */
bool sio_jwt_has_expired(const sio_jwt *t, uint64_t now_ms, unsigned leeway_ms);

#endif
