#include "server/cli/side_client.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/config/config_file.h"
#include "server/config/secret.h"

enum { MAX_ERROR = 1024 };

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
take_from_file(sio_side_client *c, const sio_side_client_kind *kind, const char *path,
               sio_buf *error)
{
    sio_cfg cfg;
    int     rc = sio_cfg_init(&cfg);

    if (rc == SIO_OK)
        rc = sio_config_file_load(&cfg, path, error);
    if (rc == SIO_OK && kind->listen(&cfg)->n > 0) {
        sio_buf_add_view(&c->text, kind->listen(&cfg)->items[0]);
        sio_buf_add_str(&c->key, kind->key(&cfg));
    } else if (rc == SIO_OK) {
        sio_buf_add_str(error, path);
        sio_buf_add_str(error, ": ");
        sio_buf_add_str(error, kind->setting);
        sio_buf_add_str(error, " is not set, so there is nobody to ask");
        rc = SIO_ERR_CONFIG;
    }
    sio_cfg_fini(&cfg);
    return rc;
}

static int
take_key(sio_side_client *c, const char *place, sio_buf *error)
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

static int
refuse_nowhere(const sio_side_client_kind *kind, sio_buf *error)
{
    sio_buf_add_str(error, "whom to ask? --");
    sio_buf_add_str(error, kind->option);
    sio_buf_add_str(error, ", --config or ");
    sio_buf_add_str(error, kind->address_env);
    sio_buf_add_str(error, " says it");
    return SIO_ERR_CONFIG;
}

/* What is nearer wins: an option over the file, the file over the environment. */
static int
find_out(sio_side_client *c, const sio_side_client_kind *kind, const sio_command_line *line,
         sio_buf *error)
{
    const char *address = sio_command_line_value(line, kind->option);
    const char *file = sio_command_line_value(line, "config");
    const char *key = sio_command_line_value(line, "key");
    int         rc = SIO_OK;

    if (file != NULL && (rc = take_from_file(c, kind, file, error)) != SIO_OK)
        return rc;
    if (file == NULL && address == NULL && (address = getenv(kind->address_env)) == NULL)
        return refuse_nowhere(kind, error);
    if (address != NULL) {
        sio_buf_clear(&c->text);
        sio_buf_add_view(&c->text, without_scheme(sio_view_of(address)));
    }
    if (key == NULL && file == NULL && getenv(kind->key_place + strlen("env:")) != NULL)
        key = kind->key_place;
    return key != NULL ? take_key(c, key, error) : SIO_OK;
}

int
sio_side_client_init(sio_side_client *c, const sio_side_client_kind *kind,
                     const sio_command_line *line)
{
    int     status = SIO_COMMAND_DONE;
    sio_buf error;

    sio_buf_init(&c->text, SIZE_MAX);
    sio_buf_init(&c->key, SIZE_MAX);
    sio_buf_init(&error, MAX_ERROR);
    if (find_out(c, kind, line, &error) != SIO_OK)
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
sio_side_client_fini(sio_side_client *c)
{
    sio_buf_fini(&c->text);
    sio_buf_fini(&c->key);
}

/* --- Asking. --- */

int
sio_side_client_connect(const sio_side_client *c, sio_stream *s, sio_buf *error)
{
    return sio_stream_open(s, &c->at, SIO_SIDE_CLIENT_PATIENCE_MS, error);
}

/* A Host that each listener takes for its own whoever is asked: admin/admin_access.h. */
static void
add_headers(const sio_side_client *c, size_t body_len, bool stays, sio_buf *headers)
{
    sio_buf_add_str(headers, "Host: localhost\r\n");
    sio_buf_add_str(headers, stays ? "" : "Connection: close\r\n");
    sio_buf_add_str(headers, body_len > 0 ? "Content-Type: application/json\r\n" : "");
    sio_buf_add_str(headers, "Content-Length: ");
    sio_buf_add_u64(headers, body_len);
    if (c->key.len > 0) {
        sio_buf_add_str(headers, "\r\nAuthorization: Bearer ");
        sio_buf_add_view(headers, sio_buf_view(&c->key));
    }
    sio_buf_add_str(headers, "\r\n");
}

int
sio_side_client_request(const sio_side_client *c, sio_stream *s, const char *method,
                        sio_view target, sio_view body, bool stays, sio_buf *error)
{
    sio_buf headers;
    int     rc;

    sio_buf_init(&headers, SIZE_MAX);
    add_headers(c, body.len, stays, &headers);
    rc = sio_web_request_send(s, method, target, sio_buf_view(&headers), body, error);
    sio_buf_fini(&headers);
    return rc;
}

int
sio_side_client_answer(sio_stream *s, sio_side_answer *a, sio_buf *error)
{
    int rc;

    sio_side_answer_fini(a);
    sio_buf_init(&a->in, SIO_WEB_REQUEST_MAX_BYTES);
    rc = sio_web_request_head(s, &a->in, &a->answer, error);
    return rc == SIO_OK ? sio_web_request_finish(s, &a->in, &a->answer, error) : rc;
}

void
sio_side_answer_fini(sio_side_answer *a)
{
    sio_buf_fini(&a->in);
}

int
sio_side_client_ask(const sio_side_client *c, const char *method, sio_view target, sio_view body,
                    sio_side_answer *a, sio_buf *error)
{
    sio_stream s;
    int        rc;

    sio_buf_add_view(error, sio_buf_view(&c->text));
    sio_buf_add_str(error, ": ");
    rc = sio_side_client_connect(c, &s, error);
    if (rc == SIO_OK)
        rc = sio_side_client_request(c, &s, method, target, body, false, error);
    if (rc == SIO_OK)
        rc = sio_side_client_answer(&s, a, error);
    sio_stream_close(&s);
    return rc;
}
