#include "server/cli/token_check.h"

#include <stdio.h>

#include "protocol/jwt.h"
#include "protocol/result.h"
#include "server/backends/jwt_claims.h"
#include "server/backends/jwt_keyring.h"
#include "server/config/secret.h"
#include "store/clock.h"

/* Those that are in the settings. SIO_OK, or SIO_BAD and error says what is wrong with them. */
static int
read_keyring(const sio_cfg_jwt *cfg, sio_jwt_keyring *ring, sio_buf *error)
{
    if (cfg->secret[0] != '\0')
        return sio_jwt_keyring_take_secret(ring, sio_view_of(cfg->secret));
    if (cfg->keys[0] != '\0')
        return sio_jwt_keyring_take_set(ring, sio_view_of(cfg->keys), true, error);
    sio_buf_add_str(error, cfg->keys_url[0] != '\0'
                               ? "its signature is not checked: the keys are at \"keys url\""
                               : "its signature is not checked: the settings have no key");
    return SIO_BAD;
}

/* NULL, or why it is not signed by one of them. */
static const char *
find_forgery(const sio_cfg_jwt *cfg, const sio_jwt_keyring *ring, const sio_jwt *t)
{
    switch (sio_jwt_keyring_check(ring, &cfg->algorithms, t)) {
    case SIO_JWT_SIGNED:
        return NULL;
    case SIO_JWT_UNKNOWN_KEY:
        return "it names a key that is not known (kid)";
    case SIO_JWT_FORGED:
        break;
    }
    return "it is not signed with a key for it";
}

static int
judge_token(const sio_command_line *line, const sio_cfg_jwt *cfg, const sio_jwt *t)
{
    const char     *why = sio_jwt_claims_fault(t, cfg, sio_epoch_ms());
    sio_jwt_keyring ring = {.n = 0};
    sio_buf         error;
    int             status = SIO_COMMAND_DONE;

    sio_buf_init(&error, 1024);
    if (why == NULL && read_keyring(cfg, &ring, &error) != SIO_OK)
        status =
            sio_command_line_fail(line, SIO_COMMAND_FAILED, "%.*s", (int)error.len, error.data);
    else if (why != NULL || (why = find_forgery(cfg, &ring, t)) != NULL)
        status = sio_command_line_fail(line, SIO_COMMAND_FAILED, "no broker takes it: %s", why);
    sio_jwt_keyring_fini(&ring);
    sio_buf_fini(&error);
    return status;
}

static int
explain_token(const sio_command_line *line, const sio_cfg_jwt *cfg, sio_view text)
{
    sio_jwt     token;
    const char *why;
    int         status;

    if (sio_jwt_read(&token, text, &why) == SIO_OK) {
        printf("%.*s\n", (int)token.claims.len, token.claims.data);
        fflush(stdout);
        status = judge_token(line, cfg, &token);
    } else {
        status = sio_command_line_fail(line, SIO_COMMAND_FAILED, "no broker takes it: %s", why);
    }
    sio_jwt_fini(&token);
    return status;
}

int
sio_token_check(const sio_command_line *line, const sio_cfg_jwt *cfg, const char *text)
{
    sio_buf secret, error;
    int     status;

    if (!sio_secret_is_elsewhere(text))
        return explain_token(line, cfg, sio_view_of(text));
    sio_buf_init(&error, 1024);
    if (sio_secret_read(text, &secret, &error) == SIO_OK)
        status = explain_token(line, cfg, sio_view_of(secret.data));
    else
        status =
            sio_command_line_fail(line, SIO_COMMAND_FAILED, "%.*s", (int)error.len, error.data);
    sio_buf_fini(&secret);
    sio_buf_fini(&error);
    return status;
}
