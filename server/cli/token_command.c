/* server/cli/token_command.c - a token (JWT), signed with a key that a broker takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base64url.h"
#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/result.h"
#include "server/base/jws_key.h"
#include "server/cli/command_line.h"
#include "server/cli/commands.h"
#include "server/cli/token_check.h"
#include "server/config/config_file.h"
#include "server/config/secret.h"
#include "store/clock.h"

enum { DEFAULT_EXPIRES_S = 3600, MAX_EXPIRES_S = 31536000 };

/* --- With which key. --- */

/* SIO_COMMAND_DONE and *key, or it has been said what is wrong. */
static int
read_pem(const sio_command_line *line, const char *path, sio_jws_key **key)
{
    sio_buf place, pem, error;
    int     status = SIO_COMMAND_DONE;

    sio_buf_init(&place, SIZE_MAX);
    sio_buf_init(&error, 1024);
    sio_buf_add_str(&place, "file:");
    sio_buf_add_str(&place, path);
    sio_buf_add_char(&place, '\0');
    if (sio_secret_read(place.data, &pem, &error) != SIO_OK)
        status =
            sio_command_line_fail(line, SIO_COMMAND_FAILED, "%.*s", (int)error.len, error.data);
    else if (sio_jws_key_new_pem(key, sio_buf_view(&pem)) != SIO_OK)
        status = sio_command_line_fail(line, SIO_COMMAND_FAILED,
                                       "%s: must be a private key in PEM, without passphrase: RSA "
                                       "of 2048 to 8192 bits, P-256 or Ed25519",
                                       path);
    sio_buf_fini(&place);
    sio_buf_fini(&pem);
    sio_buf_fini(&error);
    return status;
}

/* The first of the set that is shared: others are public, and sign nothing. NULL: there is none. */
static sio_jws_key *
find_shared_key(sio_view set)
{
    sio_jws_key  *key = NULL;
    sio_json_iter it;
    sio_view      json;

    if (sio_jwk_set_begin(set, &it) != SIO_OK)
        return NULL;
    while (key == NULL && sio_json_read_array_next(&it, &json)) {
        const char *why;
        sio_jwk     jwk;

        if (sio_jwk_read(&jwk, json, &why) == SIO_OK && jwk.algorithm == SIO_JWT_HS256 &&
            sio_jws_key_new(&key, &jwk) != SIO_OK)
            key = NULL;
        sio_jwk_fini(&jwk);
    }
    return key;
}

static int
find_key(const sio_command_line *line, const sio_cfg_jwt *cfg, sio_jws_key **key)
{
    const char *path = sio_command_line_value(line, "key");

    if (path != NULL)
        return read_pem(line, path, key);
    if (cfg->secret[0] != '\0')
        (void)sio_jws_key_new_secret(key, sio_view_of(cfg->secret));
    else
        *key = find_shared_key(sio_view_of(cfg->keys));
    return *key != NULL ? SIO_COMMAND_DONE
                        : sio_command_line_fail(line, SIO_COMMAND_FAILED,
                                                "the settings have no key that could sign; name "
                                                "the private one with --key");
}

/* --- What it says. --- */

static void
add_header(const sio_command_line *line, const sio_jws_key *key, sio_buf *out)
{
    const char    *kid = sio_command_line_value(line, "kid");
    const sio_view id = kid != NULL ? sio_view_of(kid) : sio_jws_key_id(key);

    sio_buf_add_char(out, '{');
    sio_json_member_text(out, "alg",
                         sio_view_of(sio_jwt_algorithm_names[sio_jws_key_algorithm(key)]));
    sio_json_member_text(out, "typ", SIO_VIEW("JWT"));
    if (id.len > 0)
        sio_json_member_text(out, "kid", id);
    sio_buf_add_char(out, '}');
}

/* more: an object, or empty. */
static void
add_claims(const sio_command_line *line, const sio_cfg_jwt *cfg, unsigned expires_s, sio_view more,
           sio_buf *out)
{
    const char    *user = sio_command_line_value(line, "user");
    const uint64_t now_s = sio_epoch_ms() / 1000;
    sio_json_iter  it;
    sio_view       name, value;

    sio_buf_add_char(out, '{');
    sio_json_member_number(out, "iat", now_s);
    sio_json_member_number(out, "exp", now_s + expires_s);
    if (user != NULL)
        sio_json_member_text(out, "sub", sio_view_of(user));
    if (cfg->audience[0] != '\0')
        sio_json_member_text(out, "aud", sio_view_of(cfg->audience));
    if (cfg->issuer[0] != '\0')
        sio_json_member_text(out, "iss", sio_view_of(cfg->issuer));
    sio_json_read_object_begin(&it, more);
    while (sio_json_read_object_next(&it, &name, &value)) {
        sio_buf_add_char(out, ',');
        sio_buf_add_view(out, name);
        sio_buf_add_char(out, ':');
        sio_buf_add_view(out, value);
    }
    sio_buf_add_char(out, '}');
}

/* --- The token. --- */

static void
add_part(sio_buf *token, sio_buf *part)
{
    token->failed = token->failed || part->failed;
    sio_base64url_encode(sio_buf_view(part), token);
    sio_buf_clear(part);
}

static int
make_token(const sio_command_line *line, const sio_cfg_jwt *cfg, const sio_jws_key *key,
           unsigned expires_s, sio_buf *token)
{
    const char *more = sio_command_line_value(line, "claims");
    sio_buf     part;
    int         rc;

    sio_buf_init(&part, SIZE_MAX);
    add_header(line, key, &part);
    add_part(token, &part);
    sio_buf_add_char(token, '.');
    add_claims(line, cfg, expires_s, sio_json_read_trim(sio_view_of(more)), &part);
    add_part(token, &part);
    rc = sio_jws_key_sign(key, sio_buf_view(token), &part);
    sio_buf_add_char(token, '.');
    add_part(token, &part);
    sio_buf_fini(&part);
    return rc == SIO_OK && !token->failed ? SIO_OK : SIO_ERR_SYS;
}

/* What a broker would not take is a mistake in what was asked for. */
static int
print_token(const sio_command_line *line, sio_view text)
{
    sio_jwt     token;
    const char *why;
    const int   rc = sio_jwt_read(&token, text, &why);

    sio_jwt_fini(&token);
    if (rc != SIO_OK)
        return sio_command_line_fail(line, SIO_COMMAND_USAGE, "no broker would take it: %s", why);
    return printf("%.*s\n", (int)text.len, text.data) > 0 && fflush(stdout) == 0
               ? SIO_COMMAND_DONE
               : SIO_COMMAND_FAILED;
}

static int
sign_and_print(const sio_command_line *line, const sio_cfg_jwt *cfg, unsigned expires_s)
{
    sio_jws_key *key = NULL;
    sio_buf      token;
    int          status = find_key(line, cfg, &key);

    if (status != SIO_COMMAND_DONE)
        return status;
    sio_buf_init(&token, SIZE_MAX);
    if (make_token(line, cfg, key, expires_s, &token) == SIO_OK)
        status = print_token(line, sio_buf_view(&token));
    else
        status = sio_command_line_fail(line, SIO_COMMAND_FAILED, "OpenSSL could not sign it");
    sio_buf_fini(&token);
    sio_jws_key_free(key);
    return status;
}

static int
check_claims(const sio_command_line *line)
{
    const sio_view more = sio_view_of(sio_command_line_value(line, "claims"));

    if (more.len == 0 || (sio_json_validate(more, SIO_JWT_MAX_DEPTH) == SIO_OK &&
                          sio_json_read_kind_of(more) == SIO_JSON_OBJECT))
        return SIO_COMMAND_DONE;
    return sio_command_line_fail(line, SIO_COMMAND_USAGE, "--claims must be a JSON object");
}

static int
run_token(const sio_command_line *line)
{
    const char *path = sio_command_line_value(line, "config");
    const char *token = sio_command_line_value(line, "check");
    unsigned    expires_s = DEFAULT_EXPIRES_S;
    sio_cfg     cfg;
    sio_buf     error;
    int         status;

    if ((status = sio_command_line_number(line, "expires", 1, MAX_EXPIRES_S, &expires_s)) !=
            SIO_COMMAND_DONE ||
        (status = check_claims(line)) != SIO_COMMAND_DONE)
        return status;
    sio_buf_init(&error, 4096);
    if (sio_cfg_init(&cfg) != SIO_OK)
        status = sio_command_line_fail(line, SIO_COMMAND_FAILED, "out of memory");
    else if (path != NULL && sio_config_file_load(&cfg, path, &error) != SIO_OK)
        status =
            sio_command_line_fail(line, SIO_COMMAND_FAILED, "%.*s", (int)error.len, error.data);
    else
        status = token != NULL ? sio_token_check(line, &cfg.jwt, token)
                               : sign_and_print(line, &cfg.jwt, expires_s);
    sio_cfg_fini(&cfg);
    sio_buf_fini(&error);
    return status;
}

const sio_command sio_token_command = {
    .name = "token",
    .summary = "sign a token (JWT) to try a broker with, or explain one",
    .about =
        "Prints a token that a broker with these settings takes: signed with their \"secret\", or\n"
        "the shared key of their \"keys\", for their \"audience\" and \"issuer\". Keys of RS256,\n"
        "ES256 and EdDSA are public there: --key has the private one.\n"
        "Whoever has a token can use it: it is for trying things, not for users.",
    .exits = "0: it is printed; --check: a broker would take it; 1: it would not, there is no key\n"
             "for it, or a file can not be read; 2: it can not be made like that.",
    .options = {{'c', "config", "FILE", "the settings of the broker", NULL, NULL},
                {'k', "key", "FILE", "sign with this private key (PEM) instead", NULL, NULL},
                {SIO_OPTION_NO_LETTER, "kid", "NAME", "what the key is called in the set", NULL,
                 NULL},
                {'u', "user", "ID", "who it is for (sub)", NULL, NULL},
                {'e', "expires", "SECONDS", "how long it is good (3600)", NULL, NULL},
                {SIO_OPTION_NO_LETTER + 1, "claims", "JSON",
                 "an object with more of it, such as {\"sio\":{\"emit\":[\"say\"]}}", NULL, NULL},
                {SIO_OPTION_NO_LETTER + 2, "check", "TOKEN",
                 "print the claims of this one, and say whether a broker\n"
                 "would take it; or where it is: file:PATH or env:NAME",
                 NULL, NULL},
                SIO_OPTION_HELP},
    .run = run_token,
};
