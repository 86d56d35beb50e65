/* server/cli/listen_command.c - a client that prints what it gets. */
#include <stdio.h>

#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "protocol/result.h"
#include "server/cli/commands.h"
#include "server/cli/socketio_client.h"

enum { MAX_ERROR = 1024 };

typedef struct {
    const sio_command_line *line;
    const char             *event;  /* the only one to print; NULL: print all that comes */
    unsigned                n_left; /* events to wait for; 0: for ever */
    sio_buf                 error;
} listener;

/* What a packet leads to. */
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
    sio_buf_add_str(&l->error, why);
    return OVER;
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
listen_at(listener *l, const sio_socketio_login *login)
{
    listen_step         step = GO_ON;
    sio_socketio_client client;
    sio5_packet         packet;
    int                 rc = sio_socketio_client_init(&client, login, &l->error);

    while (rc == SIO_OK && step == GO_ON) {
        rc = sio_socketio_client_next(&client, &packet, &l->error);
        if (rc == SIO_OK)
            step = take_packet(l, &packet);
    }
    sio_socketio_client_fini(&client);
    return step;
}

/* --- The command. --- */

static int
run_listen(const sio_command_line *line)
{
    listener           l = {.line = line, .event = sio_command_line_value(line, "event")};
    sio_socketio_login login;
    int                status = sio_socketio_login_init(&login, line);

    sio_buf_init(&l.error, MAX_ERROR);
    if (status == SIO_COMMAND_DONE)
        status = sio_command_line_number(line, "count", 1, 1000000000, &l.n_left);
    if (status == SIO_COMMAND_DONE && listen_at(&l, &login) != ALL_HEARD)
        status = sio_command_line_fail(line, SIO_COMMAND_FAILED, "%.*s", (int)l.error.len,
                                       l.error.len > 0 ? l.error.data : "");
    sio_buf_fini(&l.error);
    sio_socketio_login_fini(&login);
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
    .options = {SIO_SOCKETIO_CLIENT_OPTIONS,
                {'e', "event", "NAME", "print events of this name, and nothing else", NULL, NULL},
                {'c', "count", "N", "end after so many events", NULL, NULL},
                SIO_OPTION_HELP},
    .run = run_listen,
};
