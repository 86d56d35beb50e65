/* server/cli/admin_commands.c - commands that are one request to the admin listener each. */
#include <stdio.h>

#include "server/cli/admin_client.h"
#include "server/cli/commands.h"

enum { MAX_TARGET = 64 };

/* Ask, and print the answer as it is: a line of JSON. */
static int
ask_and_print(const sio_command_line *line, const char *method, const char *target)
{
    sio_side_client client;
    sio_buf         body;
    int             status = sio_admin_client_init(&client, line);

    sio_buf_init(&body, SIZE_MAX);
    if (status == SIO_COMMAND_DONE)
        status = sio_admin_client_ask(&client, line, method, sio_view_of(target), &body);
    if (status == SIO_COMMAND_DONE)
        fwrite(body.data, 1, body.len, stdout);
    sio_buf_fini(&body);
    sio_side_client_fini(&client);
    return status;
}

static int
run_status(const sio_command_line *line)
{
    return ask_and_print(line, "GET", "/status");
}

static int
run_drain(const sio_command_line *line)
{
    return ask_and_print(line, "POST", "/drain");
}

static int
run_undrain(const sio_command_line *line)
{
    return ask_and_print(line, "POST", "/undrain");
}

static int
run_reload(const sio_command_line *line)
{
    return ask_and_print(line, "POST", "/reload");
}

static int
run_log(const sio_command_line *line)
{
    unsigned level = 0, for_s = 60;
    char     target[MAX_TARGET];

    if (line->operand[0] < '0' || line->operand[0] > '3' || line->operand[1] != '\0')
        return sio_command_line_fail(line, SIO_COMMAND_USAGE, "LEVEL must be 0, 1, 2 or 3");
    level = (unsigned)(line->operand[0] - '0');
    if (sio_command_line_number(line, "for", 1, 86400, &for_s) != SIO_COMMAND_DONE)
        return SIO_COMMAND_USAGE;
    snprintf(target, sizeof target, "/log?level=%u&for=%u", level, for_s);
    return ask_and_print(line, "POST", target);
}

static const char exits[] = "0: done; 1: refused, or nobody answers; 2: wrong command line";

const sio_command sio_status_command = {
    .name = "status",
    .summary = "what a running broker says of itself, as JSON",
    .about = "Prints in one line of JSON what /status of the admin listener answers.",
    .exits = exits,
    .options = {SIO_ADMIN_CLIENT_OPTIONS, SIO_OPTION_HELP},
    .run = run_status,
};

const sio_command sio_drain_command = {
    .name = "drain",
    .summary = "have a running broker send its clients elsewhere",
    .about = "Begins to drain, as SIGTERM does, but the broker stays when that is done.\n"
             "Prints the phase that it is in now.",
    .exits = exits,
    .options = {SIO_ADMIN_CLIENT_OPTIONS, SIO_OPTION_HELP},
    .run = run_drain,
};

const sio_command sio_undrain_command = {
    .name = "undrain",
    .summary = "have it serve as before",
    .about = "Takes a drain back, which is possible during \"drain delay\" only.\n"
             "Prints the phase that it is in now.",
    .exits = exits,
    .options = {SIO_ADMIN_CLIENT_OPTIONS, SIO_OPTION_HELP},
    .run = run_undrain,
};

const sio_command sio_reload_command = {
    .name = "reload",
    .summary = "have it read its settings again",
    .about = "Does what SIGHUP does, and says what was wrong when all stays as it was.",
    .exits = exits,
    .options = {SIO_ADMIN_CLIENT_OPTIONS, SIO_OPTION_HELP},
    .run = run_reload,
};

const sio_command sio_log_command = {
    .name = "log",
    .operand = "LEVEL",
    .words = "0 1 2 3",
    .summary = "another log level of a running broker, for some time",
    .about = "LEVEL is 0 error, 1 warn, 2 info, 3 debug.",
    .exits = exits,
    .options = {{'f', "for", "SECONDS", "for so long (default 60, at most 86400)", NULL, NULL},
                SIO_ADMIN_CLIENT_OPTIONS,
                SIO_OPTION_HELP},
    .run = run_log,
};
