#include "server/cli/admin_client.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/result.h"
#include "server/config/config_file.h"
#include "server/config/secret.h"

enum { PATIENCE_MS = 5000, MAX_ERROR = 1024 };

/* --- Where. --- */

/* As a page has it, or the log says it, too: "http://127.0.0.1:9180/". */
static sio_view
without_scheme(sio_view text)
{
    const sio_view scheme = SIO_VIEW("http://");

    if (text.len <= scheme.len || memcmp(text.data, scheme.data, scheme.len) != 0)
        return text;
    text = (sio_view){text.data + scheme.len, text.len - scheme.len};
    return text.data[text.len - 1] == '/' ? (sio_view){text.data, text.len - 1} : text;
}

/* Taken from a file: what the listener of that file is. SIO_OK, or error has a line. */
static int
take_from_file(sio_admin_client *c, const char *path, sio_buf *error)
{
    sio_cfg cfg;
    int     rc = sio_cfg_init(&cfg);

    if (rc == SIO_OK)
        rc = sio_config_file_load(&cfg, path, error);
    if (rc == SIO_OK && cfg.admin_listen.n > 0)
        sio_buf_add_view(&c->text, cfg.admin_listen.items[0]);
    if (rc == SIO_OK)
        sio_buf_add_str(&c->key, cfg.admin_key);
    if (rc == SIO_OK && cfg.admin_listen.n == 0) {
        sio_buf_add_str(error, path);
        sio_buf_add_str(error, ": \"admin listen\" is not set, so there is nobody to ask");
        rc = SIO_ERR_CONFIG;
    }
    sio_cfg_fini(&cfg);
    return rc;
}

static int
take_key(sio_admin_client *c, const char *place, sio_buf *error)
{
    sio_buf secret;
    int     rc;

    if (!sio_secret_is_elsewhere(place)) {
        sio_buf_add_str(error, "--key must be file:PATH or env:NAME: what stands on a command line "
                               "is shown to all by ps");
        return SIO_ERR_CONFIG;
    }
    if ((rc = sio_secret_read(place, &secret, error)) == SIO_OK) {
        sio_buf_clear(&c->key);
        sio_buf_add_str(&c->key, secret.data);
    }
    sio_buf_fini(&secret);
    return rc;
}

/* What is nearer wins: an option over the file, the file over the environment. */
static int
find_out(sio_admin_client *c, const sio_command_line *line, sio_buf *error)
{
    const char *admin = sio_command_line_value(line, "admin");
    const char *file = sio_command_line_value(line, "config");
    const char *key = sio_command_line_value(line, "key");
    int         rc = SIO_OK;

    if (file != NULL && (rc = take_from_file(c, file, error)) != SIO_OK)
        return rc;
    if (file == NULL && admin == NULL && (admin = getenv("SIOBROKER_ADMIN")) == NULL) {
        sio_buf_add_str(error, "whom to ask? --admin, --config or SIOBROKER_ADMIN says it");
        return SIO_ERR_CONFIG;
    }
    if (admin != NULL) {
        sio_buf_clear(&c->text);
        sio_buf_add_view(&c->text, without_scheme(sio_view_of(admin)));
    }
    if (key == NULL && file == NULL && getenv("SIOBROKER_ADMIN_KEY") != NULL)
        key = "env:SIOBROKER_ADMIN_KEY";
    return key != NULL ? take_key(c, key, error) : SIO_OK;
}

int
sio_admin_client_init(sio_admin_client *c, const sio_command_line *line)
{
    int     status = SIO_COMMAND_DONE;
    sio_buf error;

    sio_buf_init(&c->text, SIZE_MAX);
    sio_buf_init(&c->key, SIZE_MAX);
    sio_buf_init(&error, MAX_ERROR);
    if (find_out(c, line, &error) != SIO_OK)
        status = sio_command_line_fail(line, SIO_COMMAND_USAGE, "%.*s", (int)error.len,
                                       error.len > 0 ? error.data : "out of memory");
    else if (sio_listen_address_parse(sio_buf_view(&c->text), &c->at) != SIO_OK)
        status = sio_command_line_fail(line, SIO_COMMAND_USAGE,
                                       "\"%.*s\" is no address: host:port, [IPv6]:port, unix:/path",
                                       (int)c->text.len, c->text.len > 0 ? c->text.data : "");
    sio_buf_fini(&error);
    return status;
}

void
sio_admin_client_fini(sio_admin_client *c)
{
    sio_buf_fini(&c->text);
    sio_buf_fini(&c->key);
}

/* --- Asking. --- */

/* A Host that the listener takes for its own whoever is asked: admin/admin_access.h. */
static void
add_headers(const sio_admin_client *c, sio_buf *headers)
{
    sio_buf_add_str(headers, "Host: localhost\r\nConnection: close\r\nContent-Length: 0\r\n");
    if (c->key.len == 0)
        return;
    sio_buf_add_str(headers, "Authorization: Bearer ");
    sio_buf_add_view(headers, sio_buf_view(&c->key));
    sio_buf_add_str(headers, "\r\n");
}

static int
ask(const sio_admin_client *c, sio_stream *s, const char *method, sio_view target, sio_buf *in,
    sio_web_answer *answer, sio_buf *error)
{
    sio_buf headers;
    int     rc;

    sio_buf_init(&headers, SIZE_MAX);
    add_headers(c, &headers);
    rc = sio_web_request_begin(s, method, target, sio_buf_view(&headers), in, answer, error);
    if (rc == SIO_OK)
        rc = sio_web_request_finish(s, in, answer, error);
    sio_buf_fini(&headers);
    return rc;
}

/* A refusal says why in its body: {"error":"..."}. */
static int
tell_refusal(const sio_command_line *line, const sio_web_answer *answer)
{
    sio_json_field field = {SIO_VIEW("error"), SIO_VIEW("")};
    sio_buf        why;
    int            status;

    sio_buf_init(&why, MAX_ERROR);
    if (sio_json_pick(answer->rest, 8, &field, 1) != SIO_OK ||
        sio_json_read_string(field.value, &why) != SIO_OK)
        sio_buf_add_str(&why, "no siobroker listens there");
    status = sio_command_line_fail(line, SIO_COMMAND_FAILED, "%u: %.*s", answer->status,
                                   (int)why.len, why.len > 0 ? why.data : "");
    sio_buf_fini(&why);
    return status;
}

int
sio_admin_client_ask(const sio_admin_client *c, const sio_command_line *line, const char *method,
                     sio_view target, sio_buf *body)
{
    sio_stream     s;
    sio_buf        in, error;
    sio_web_answer answer = {0};
    int            status = SIO_COMMAND_DONE, rc;

    sio_buf_init(&in, SIO_WEB_REQUEST_MAX_BYTES);
    sio_buf_init(&error, MAX_ERROR);
    if ((rc = sio_stream_open(&s, &c->at, PATIENCE_MS, &error)) == SIO_OK)
        rc = ask(c, &s, method, target, &in, &answer, &error);
    if (rc != SIO_OK)
        status =
            sio_command_line_fail(line, SIO_COMMAND_FAILED, "%.*s: %.*s", (int)c->text.len,
                                  c->text.data, (int)error.len, error.len > 0 ? error.data : "");
    else if (answer.status != 200)
        status = tell_refusal(line, &answer);
    else
        sio_buf_add_view(body, answer.rest);
    sio_stream_close(&s);
    sio_buf_fini(&error);
    sio_buf_fini(&in);
    return status;
}
