/* server/cli/emit_command.c - an event to clients, by the HTTP API. */
#include <stdio.h>

#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "protocol/result.h"
#include "server/cli/api_client.h"
#include "server/cli/commands.h"

enum { MAX_ERROR = 1024 };

/* JSON as it is, and anything else as a text: siobroker emit news hello 5 '{"a":1}'. */
static void
add_argument(sio_buf *out, const char *text)
{
    const sio_view arg = sio_view_of(text);

    if (sio_json_validate(arg, SIO_JSON_MAX_DEPTH) == SIO_OK)
        sio_buf_add_view(out, sio_json_read_trim(arg));
    else
        sio_buf_add_json_string(out, arg, SIO_JSON_PLAIN);
}

static void
add_option(sio_buf *out, const sio_command_line *line, const char *option, const char *member)
{
    const char *value = sio_command_line_value(line, option);

    if (value != NULL)
        sio_json_member_text(out, member, sio_view_of(value));
}

static void
add_command(sio_buf *out, const sio_command_line *line)
{
    sio_buf_add_char(out, '{');
    sio_json_member_text(out, "name", sio_view_of(line->operand));
    add_option(out, line, "namespace", "namespace");
    add_option(out, line, "to", "to");
    add_option(out, line, "except", "except");
    if (sio_command_line_value(line, "user") != NULL) {
        sio_json_member_name(out, "users");
        sio_buf_add_char(out, '[');
        sio_buf_add_json_string(out, sio_view_of(sio_command_line_value(line, "user")),
                                SIO_JSON_PLAIN);
        sio_buf_add_char(out, ']');
    }
    if (sio_command_line_value(line, "volatile") != NULL)
        sio_json_member_json(out, "volatile", SIO_VIEW("true"));
    sio_json_member_name(out, "args");
    for (size_t i = 0; i < line->n_more; i++) {
        sio_buf_add_char(out, i == 0 ? '[' : ',');
        add_argument(out, line->more[i]);
    }
    sio_buf_add_str(out, line->n_more == 0 ? "[]}" : "]}");
}

static int
emit(const sio_side_client *api, sio_view body, sio_buf *error)
{
    sio_side_answer a = {0};
    int             rc = sio_side_client_ask(api, "POST", SIO_VIEW("/v1/emit"), body, &a, error);

    if (rc == SIO_OK)
        rc = sio_api_client_judge(&a.answer, error);
    if (rc == SIO_OK)
        fwrite(a.answer.rest.data, 1, a.answer.rest.len, stdout);
    sio_side_answer_fini(&a);
    return rc;
}

static int
run_emit(const sio_command_line *line)
{
    sio_side_client api;
    sio_buf         body, error;
    int             status = sio_api_client_init(&api, line);

    sio_buf_init(&body, SIZE_MAX);
    sio_buf_init(&error, MAX_ERROR);
    if (status == SIO_COMMAND_DONE) {
        add_command(&body, line);
        if (body.failed)
            sio_buf_add_str(&error, "out of memory");
        if (body.failed || emit(&api, sio_buf_view(&body), &error) != SIO_OK)
            status = sio_command_line_fail(line, SIO_COMMAND_FAILED, "%.*s", (int)error.len,
                                           error.len > 0 ? error.data : "");
    }
    sio_buf_fini(&error);
    sio_buf_fini(&body);
    sio_side_client_fini(&api);
    return status;
}

const sio_command sio_emit_command = {
    .name = "emit",
    .operand = "NAME",
    .more = "ARG",
    .summary = "send an event to clients, by the HTTP API",
    .about = "Sends the event NAME to everyone in a namespace, or to those whom the options say,\n"
             "and prints what the API answers. An ARG that is JSON is sent as it is, any other\n"
             "as a text. An ARG that begins with \"-\" needs \"--\" before it.\n"
             "  siobroker emit --to room1 news hello 5 '{\"a\":[1,2]}'",
    .exits = "0: done; 1: refused, or nobody answers; 2: wrong command line",
    .options = {SIO_API_CLIENT_OPTIONS,
                {'n', "namespace", "NAME", "in this one (default /)", NULL, NULL},
                {'t', "to", "ROOM", "to a room, or to the id of a socket", NULL, NULL},
                {'u', "user", "ID", "to all sockets of a user", NULL, NULL},
                {'x', "except", "ROOM", "but not to this room or socket", NULL, NULL},
                {'V', "volatile", NULL, "not to those that can not take it at once", NULL, NULL},
                SIO_OPTION_HELP},
    .run = run_emit,
};
