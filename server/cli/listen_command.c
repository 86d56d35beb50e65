/*
 * server/cli/listen_command.c - a client that prints what it gets: Engine.IO 4 on a websocket, and
 * one namespace of Socket.IO 5.
 */
#include <stdio.h>
#include <string.h>

#include "protocol/eio_packet.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "protocol/result.h"
#include "protocol/sio5_decoder.h"
#include "protocol/whole_number.h"
#include "server/cli/command_line.h"
#include "server/cli/commands.h"
#include "server/cli/web_url.h"
#include "server/cli/websocket_client.h"
#include "server/config/secret.h"

enum {
    PATIENCE_MS = 10000, /* to connect, and for the first packet */
    MAX_PING_MS = 86400000,
    MAX_ATTACHMENTS = 1000,
    MAX_ERROR = 1024
};

typedef struct {
    const sio_command_line *line;
    sio_view                nsp;    /* "/chat"; empty: the main one */
    const char             *event;  /* the only one to print; NULL: print all that comes */
    sio_buf                 auth;   /* JSON for CONNECT; empty: none */
    unsigned                n_left; /* events to wait for; 0: for ever */
    sio_stream              stream;
    sio_websocket_client    socket;
    sio5_decoder            decoder;
    unsigned                silence_ms; /* after so long the server is gone */
    sio_buf                 error;
} listener;

/* What a step leads to. */
typedef enum { GO_ON, ALL_HEARD, OVER } listen_step;

/* --- Saying. --- */

static void
print_line(sio_buf *line)
{
    sio_buf_add_str(line, "}\n");
    if (!line->failed)
        fwrite(line->data, 1, line->len, stdout);
    fflush(stdout);
}

/* {"type":"connect","data":{"sid":"..."}}; data: JSON, or empty. */
static void
print_packet(const listener *l, const char *type, sio_view data)
{
    sio_buf line;

    if (l->event != NULL)
        return;
    sio_buf_init(&line, SIZE_MAX);
    sio_buf_add_str(&line, "{\"type\":\"");
    sio_buf_add_str(&line, type);
    sio_buf_add_char(&line, '"');
    sio_buf_add_str(&line, data.len > 0 ? ",\"data\":" : "");
    sio_buf_add_view(&line, data);
    print_line(&line);
    sio_buf_fini(&line);
}

/* {"type":"event","name":"photo","args":[...]}; attachments are strings of base64. */
static void
print_event(const sio5_packet *p)
{
    sio_buf line;

    sio_buf_init(&line, SIZE_MAX);
    sio_buf_add_str(&line, "{\"type\":\"event\",\"name\":");
    sio_buf_add_view(&line, p->name);
    sio_buf_add_str(&line, ",\"args\":[");
    sio_placeholder_to_base64(p->args, p->attachments, p->n_attachments, &line);
    sio_buf_add_char(&line, ']');
    print_line(&line);
    sio_buf_fini(&line);
}

static listen_step
give_up(listener *l, const char *why)
{
    if (l->error.len == 0)
        sio_buf_add_str(&l->error, why);
    return OVER;
}

static listen_step
send_text(listener *l, sio_view text)
{
    const int rc = sio_websocket_client_send(&l->socket, SIO_WS_TEXT, text, &l->error);

    return rc == SIO_OK ? GO_ON : OVER;
}

/* --- Packets. --- */

static listen_step
take_event(listener *l, const sio5_packet *p)
{
    if (p->name.len == 0 ||
        (l->event != NULL && !sio_json_read_string_equals(p->name, sio_view_of(l->event))))
        return GO_ON;
    print_event(p);
    return l->n_left > 0 && --l->n_left == 0 ? ALL_HEARD : GO_ON;
}

static listen_step
take_packet(listener *l, const sio5_packet *p)
{
    switch (p->type) {
    case SIO5_CONNECT:
        print_packet(l, "connect", p->data);
        return GO_ON;
    case SIO5_CONNECT_ERROR:
        print_packet(l, "connect_error", p->data);
        return give_up(l, "the namespace has refused");
    case SIO5_DISCONNECT:
        print_packet(l, "disconnect", SIO_VIEW(""));
        return give_up(l, "disconnected by the server");
    case SIO5_EVENT:
        return take_event(l, p);
    default:
        return GO_ON; /* nothing was asked that could be acknowledged */
    }
}

static listen_step
take_message(listener *l, const sio_eio_packet *message)
{
    sio5_packet packet;
    const int   rc = sio5_decoder_add(&l->decoder, message, &packet);

    if (rc == SIO_OK)
        return take_packet(l, &packet);
    return rc == SIO_PARTIAL ? GO_ON : give_up(l, "what came is no Socket.IO, or too large");
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
static listen_step
take_open(listener *l, sio_view data)
{
    sio_json_field    fields[] = {{SIO_VIEW("pingInterval"), SIO_VIEW("")},
                                  {SIO_VIEW("pingTimeout"), SIO_VIEW("")}};
    const sio5_packet connect = {
        .type = SIO5_CONNECT, .nsp = l->nsp, .data = sio_buf_view(&l->auth)};
    sio_buf     text;
    listen_step step;

    if (sio_json_pick(data, SIO_JSON_MAX_DEPTH, fields, 2) != SIO_OK)
        return give_up(l, "what came is no Engine.IO");
    l->silence_ms = milliseconds(fields[0].value) + milliseconds(fields[1].value);
    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_char(&text, '0' + SIO_EIO_MESSAGE);
    sio5_packet_encode(&connect, SIO5_REVISION_5, SIO5_PLAIN, &text);
    step = text.failed ? give_up(l, "out of memory") : send_text(l, sio_buf_view(&text));
    sio_buf_fini(&text);
    return step;
}

static listen_step
take_engine_packet(listener *l, const sio_eio_packet *packet)
{
    switch (packet->type) {
    case SIO_EIO_OPEN:
        return take_open(l, packet->data);
    case SIO_EIO_PING:
        return send_text(l, SIO_VIEW("3"));
    case SIO_EIO_MESSAGE:
        return take_message(l, packet);
    case SIO_EIO_CLOSE:
        return give_up(l, "the server has closed the session");
    default:
        return GO_ON;
    }
}

/* --- The connection. --- */

static listen_step
take_frame(listener *l, const sio_ws_message *m)
{
    sio_eio_packet packet;
    int            rc;

    if (m->opcode == SIO_WS_CLOSE)
        return give_up(l, "the server has closed the connection");
    rc = m->opcode == SIO_WS_TEXT ? sio_eio_packet_decode_text(SIO_EIO4, m->payload, &packet)
                                  : sio_eio_packet_decode_bytes(SIO_EIO4, m->payload, &packet);
    return rc == SIO_OK ? take_engine_packet(l, &packet) : give_up(l, "what came is no Engine.IO");
}

/* Whoever is silent for longer than its heartbeats allow has gone. */
static listen_step
listen_on(listener *l)
{
    sio_ws_message m;
    listen_step    step = GO_ON;

    while (step == GO_ON) {
        const int rc = sio_websocket_client_next(&l->socket, &m, &l->error);

        if (rc != SIO_OK)
            return give_up(l, "the server has closed the connection");
        step = take_frame(l, &m);
        sio_stream_allow(&l->stream, l->silence_ms > 0 ? l->silence_ms : PATIENCE_MS);
    }
    return step;
}

static listen_step
listen_at(listener *l, const sio_web_url *url)
{
    static const sio5_rules rules = {SIO5_REVISION_5, SIO_JSON_MAX_DEPTH, MAX_ATTACHMENTS,
                                     SIO_WEBSOCKET_CLIENT_MAX_BYTES};
    listen_step             step = OVER;
    sio_buf                 target;

    if (sio_stream_open(&l->stream, &url->at, PATIENCE_MS, &l->error) != SIO_OK)
        return OVER;
    sio_buf_init(&target, SIZE_MAX);
    sio_web_url_add_target(url, "websocket", &target);
    sio5_decoder_init(&l->decoder, &rules);
    if (sio_websocket_client_init(&l->socket, &l->stream, sio_buf_view(&target), url->host_and_port,
                                  &l->error) == SIO_OK)
        step = listen_on(l);
    sio_websocket_client_fini(&l->socket);
    sio5_decoder_fini(&l->decoder);
    sio_stream_close(&l->stream);
    sio_buf_fini(&target);
    return step;
}

/* --- The command. --- */

/* What stands in the option, or where the option says. SIO_OK, or error has a line. */
static int
take_auth(listener *l, const char *text)
{
    sio_buf secret;
    int     rc = SIO_OK;

    if (!sio_secret_is_elsewhere(text)) {
        sio_buf_add_str(&l->auth, text);
    } else {
        if ((rc = sio_secret_read(text, &secret, &l->error)) == SIO_OK)
            sio_buf_add_str(&l->auth, secret.data);
        sio_buf_fini(&secret);
    }
    if (rc == SIO_OK &&
        (sio_json_validate(sio_buf_view(&l->auth), SIO_JSON_MAX_DEPTH) != SIO_OK ||
         sio_json_read_kind_of(sio_json_read_trim(sio_buf_view(&l->auth))) != SIO_JSON_OBJECT)) {
        sio_buf_add_str(&l->error, "--auth must be a JSON object, or file:PATH or env:NAME");
        rc = SIO_ERR_CONFIG;
    }
    return rc;
}

static int
take_namespace(listener *l, const char *name)
{
    if (name[0] != '/' || strpbrk(name, ",?") != NULL) {
        sio_buf_add_str(&l->error, "a namespace begins with \"/\", and has no \",\" or \"?\"");
        return SIO_ERR_CONFIG;
    }
    if (name[1] != '\0')
        l->nsp = sio_view_of(name);
    return SIO_OK;
}

/* Operand and options. SIO_COMMAND_DONE, or SIO_COMMAND_USAGE: the line is said, or in error. */
static int
read_options(listener *l, sio_web_url *url)
{
    const char *nsp = sio_command_line_value(l->line, "namespace");
    const char *auth = sio_command_line_value(l->line, "auth");

    l->event = sio_command_line_value(l->line, "event");
    if (sio_web_url_parse(sio_view_of(l->line->operand), url, &l->error) != SIO_OK ||
        (nsp != NULL && take_namespace(l, nsp) != SIO_OK) ||
        (auth != NULL && take_auth(l, auth) != SIO_OK))
        return SIO_COMMAND_USAGE;
    return sio_command_line_number(l->line, "count", 1, 1000000000, &l->n_left);
}

static int
run_listen(const sio_command_line *line)
{
    listener    l = {.line = line};
    sio_web_url url;
    int         status;

    sio_buf_init(&l.error, MAX_ERROR);
    sio_buf_init(&l.auth, SIZE_MAX);
    status = read_options(&l, &url);
    if (status == SIO_COMMAND_DONE && listen_at(&l, &url) != ALL_HEARD)
        status = SIO_COMMAND_FAILED;
    if (l.error.len > 0)
        sio_command_line_fail(line, status, "%.*s", (int)l.error.len, l.error.data);
    sio_buf_fini(&l.auth);
    sio_buf_fini(&l.error);
    return status;
}

const sio_command sio_listen_command = {
    .name = "listen",
    .operand = "URL",
    .summary = "connect as a client, and print what comes",
    .about = "Prints one line of JSON for each event, and for what becomes of the connection:\n"
             "  {\"type\":\"connect\",\"data\":{\"sid\":\"...\"}}\n"
             "  {\"type\":\"event\",\"name\":\"news\",\"args\":[1,2]}\n"
             "Bytes in arguments are strings of base64. Nothing is acknowledged. URL is like\n"
             "http://127.0.0.1:3100, with /resource if it is not /socket.io, and ?query.",
    .exits = "0: --count events have come; 1: no connection, or it has ended;\n"
             "2: wrong command line",
    .options = {{'n', "namespace", "NAME", "join this one (default /)", NULL, NULL},
                {'e', "event", "NAME", "print events of this name, and nothing else", NULL, NULL},
                {'a', "auth", "JSON",
                 "what to say to the namespace: an object, or where it\n"
                 "is: file:PATH or env:NAME",
                 NULL, NULL},
                {'c', "count", "N", "end after so many events", NULL, NULL},
                SIO_OPTION_HELP},
    .run = run_listen,
};
