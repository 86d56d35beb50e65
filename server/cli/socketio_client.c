#include "server/cli/socketio_client.h"

#include <string.h>

#include "protocol/eio_packet.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/result.h"
#include "protocol/whole_number.h"
#include "server/config/secret.h"

enum { MAX_PING_MS = 86400000, MAX_ATTACHMENTS = 1000, MAX_ERROR = 1024 };

static int
fail_unless_told(sio_buf *error, int rc, const char *what)
{
    if (error->len == 0)
        sio_buf_add_str(error, what);
    return rc;
}

/* --- Who to be. --- */

/* What stands in the option, or where the option says. SIO_OK, or error has a line. */
static int
take_auth(sio_socketio_login *login, const char *text, sio_buf *error)
{
    sio_buf secret;
    int     rc = SIO_OK;

    if (!sio_secret_is_elsewhere(text)) {
        sio_buf_add_str(&login->auth, text);
    } else {
        if ((rc = sio_secret_read(text, &secret, error)) == SIO_OK)
            sio_buf_add_str(&login->auth, secret.data);
        sio_buf_fini(&secret);
    }
    if (rc == SIO_OK &&
        (sio_json_validate(sio_buf_view(&login->auth), SIO_JSON_MAX_DEPTH) != SIO_OK ||
         sio_json_read_kind_of(sio_json_read_trim(sio_buf_view(&login->auth))) != SIO_JSON_OBJECT))
        rc = fail_unless_told(error, SIO_ERR_CONFIG,
                              "--auth must be a JSON object, or file:PATH or env:NAME");
    return rc;
}

static int
take_namespace(sio_socketio_login *login, const char *name, sio_buf *error)
{
    if (name[0] != '/' || strpbrk(name, ",?") != NULL)
        return fail_unless_told(error, SIO_ERR_CONFIG,
                                "a namespace begins with \"/\", and has no \",\" or \"?\"");
    if (name[1] != '\0')
        login->nsp = sio_view_of(name);
    return SIO_OK;
}

int
sio_socketio_login_init(sio_socketio_login *login, const sio_command_line *line)
{
    const char *nsp = sio_command_line_value(line, "namespace");
    const char *auth = sio_command_line_value(line, "auth");
    int         status = SIO_COMMAND_DONE;
    sio_buf     error;

    *login = (sio_socketio_login){.nsp = SIO_VIEW("")};
    sio_buf_init(&login->auth, SIZE_MAX);
    sio_buf_init(&error, MAX_ERROR);
    if (sio_web_url_parse(sio_view_of(line->operand), &login->url, &error) != SIO_OK ||
        sio_web_url_set_origin(&login->url, sio_command_line_value(line, "origin"), &error) !=
            SIO_OK ||
        (login->url.is_tls && sio_tls_client_init(&login->tls, line, &error) != SIO_OK) ||
        (nsp != NULL && take_namespace(login, nsp, &error) != SIO_OK) ||
        (auth != NULL && take_auth(login, auth, &error) != SIO_OK))
        status = sio_command_line_fail(line, SIO_COMMAND_USAGE, "%.*s", (int)error.len,
                                       error.len > 0 ? error.data : "");
    sio_buf_fini(&error);
    return status;
}

void
sio_socketio_login_fini(sio_socketio_login *login)
{
    sio_tls_client_fini(&login->tls);
    sio_buf_fini(&login->auth);
}

/* --- Packets. --- */

static int
send_text(sio_socketio_client *c, sio_view text, sio_buf *error)
{
    return sio_websocket_client_send(&c->socket, SIO_WS_TEXT, text, error);
}

int
sio_socketio_client_send(sio_socketio_client *c, const sio5_packet *packet, sio_buf *error)
{
    sio5_packet ours = *packet;
    sio_buf     text;
    int         rc;

    ours.nsp = c->login->nsp;
    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_char(&text, '0' + SIO_EIO_MESSAGE);
    sio5_packet_encode(&ours, SIO5_REVISION_5, SIO5_PLAIN, &text);
    rc = text.failed ? fail_unless_told(error, SIO_ERR_NOMEM, "out of memory")
                     : send_text(c, sio_buf_view(&text), error);
    sio_buf_fini(&text);
    return rc;
}

/* A number of milliseconds in the packet that opens the session; 0: it is not there. */
static unsigned
milliseconds(sio_view value)
{
    size_t n = 0;

    (void)sio_whole_number(value, MAX_PING_MS, &n);
    return (unsigned)n;
}

/* The session is open: join the namespace. 40/chat,{"token":"..."} */
static int
take_open(sio_socketio_client *c, sio_view data, sio_buf *error)
{
    sio_json_field    fields[] = {{SIO_VIEW("pingInterval"), SIO_VIEW("")},
                                  {SIO_VIEW("pingTimeout"), SIO_VIEW("")}};
    const sio5_packet connect = {.type = SIO5_CONNECT, .data = sio_buf_view(&c->login->auth)};

    if (sio_json_pick(data, SIO_JSON_MAX_DEPTH, fields, 2) != SIO_OK)
        return fail_unless_told(error, SIO_BAD, "what came is no Engine.IO");
    c->silence_ms = milliseconds(fields[0].value) + milliseconds(fields[1].value);
    return sio_socketio_client_send(c, &connect, error);
}

static int
take_message(sio_socketio_client *c, const sio_eio_packet *message, sio5_packet *out,
             sio_buf *error)
{
    const int rc = sio5_decoder_add(&c->decoder, message, out);

    if (rc == SIO_OK || rc == SIO_PARTIAL)
        return rc;
    return fail_unless_told(error, SIO_BAD, "what came is no Socket.IO, or too large");
}

/* SIO_OK: *out is a packet; SIO_PARTIAL: there is none yet. */
static int
take_engine_packet(sio_socketio_client *c, const sio_eio_packet *packet, sio5_packet *out,
                   sio_buf *error)
{
    int rc = SIO_OK;

    switch (packet->type) {
    case SIO_EIO_OPEN:
        rc = take_open(c, packet->data, error);
        break;
    case SIO_EIO_PING:
        rc = send_text(c, SIO_VIEW("3"), error);
        break;
    case SIO_EIO_MESSAGE:
        return take_message(c, packet, out, error);
    case SIO_EIO_CLOSE:
        return fail_unless_told(error, SIO_ERR_NOT_FOUND, "the server has closed the session");
    default:
        break;
    }
    return rc == SIO_OK ? SIO_PARTIAL : rc;
}

static int
take_frame(sio_socketio_client *c, const sio_ws_message *m, sio5_packet *out, sio_buf *error)
{
    sio_eio_packet packet;
    int            rc;

    if (m->opcode == SIO_WS_CLOSE)
        return fail_unless_told(error, SIO_ERR_NOT_FOUND, "the server has closed the connection");
    rc = m->opcode == SIO_WS_TEXT ? sio_eio_packet_decode_text(SIO_EIO4, m->payload, &packet)
                                  : sio_eio_packet_decode_bytes(SIO_EIO4, m->payload, &packet);
    if (rc != SIO_OK)
        return fail_unless_told(error, SIO_BAD, "what came is no Engine.IO");
    return take_engine_packet(c, &packet, out, error);
}

/* Whoever is silent for longer than its heartbeats allow has gone. */
int
sio_socketio_client_next(sio_socketio_client *c, sio5_packet *out, sio_buf *error)
{
    sio_ws_message m;
    int            rc = SIO_PARTIAL;

    while (rc == SIO_PARTIAL) {
        rc = sio_websocket_client_next(&c->socket, &m, error);
        if (rc == SIO_PARTIAL)
            return rc;
        if (rc != SIO_OK)
            return fail_unless_told(error, rc, "the server has closed the connection");
        rc = take_frame(c, &m, out, error);
        sio_stream_allow(&c->stream,
                         c->silence_ms > 0 ? c->silence_ms : SIO_SOCKETIO_CLIENT_PATIENCE_MS);
    }
    return rc;
}

/* --- The connection. --- */

int
sio_socketio_client_init(sio_socketio_client *c, const sio_socketio_login *login, sio_buf *error)
{
    static const sio5_rules rules = {SIO5_REVISION_5, SIO_JSON_MAX_DEPTH, MAX_ATTACHMENTS,
                                     SIO_WEBSOCKET_CLIENT_MAX_BYTES};
    sio_buf                 target, headers;
    int                     rc;

    *c = (sio_socketio_client){.login = login};
    sio5_decoder_init(&c->decoder, &rules);
    rc = sio_web_request_connect(&c->stream, &login->url, &login->tls,
                                 SIO_SOCKETIO_CLIENT_PATIENCE_MS, error);
    if (rc != SIO_OK)
        return rc;
    sio_buf_init(&target, SIZE_MAX);
    sio_buf_init(&headers, SIZE_MAX);
    sio_web_url_add_target(&login->url, "websocket", &target);
    sio_web_url_add_headers(&login->url, &headers);
    rc = sio_websocket_client_init(&c->socket, &c->stream, sio_buf_view(&target),
                                   sio_buf_view(&headers), error);
    sio_buf_fini(&headers);
    sio_buf_fini(&target);
    return rc;
}

void
sio_socketio_client_fini(sio_socketio_client *c)
{
    sio_websocket_client_fini(&c->socket);
    sio5_decoder_fini(&c->decoder);
    sio_stream_close(&c->stream);
}
