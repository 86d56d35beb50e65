#include "server/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "protocol/result.h"
#include "server/cli/command_line.h"
#include "server/cli/commands.h"
#include "server/config/options.h"
#include "server/config/setting_explain.h"
#include "server/config/similar.h"

/* In the order of their names. */
static const sio_command *const commands[] = {
    &sio_bench_command,      &sio_check_command,
    &sio_completion_command, &sio_config_default_command,
    &sio_config_doc_command, &sio_drain_command,
    &sio_emit_command,       &sio_listen_command,
    &sio_log_command,        &sio_manual_command,
    &sio_reload_command,     &sio_status_command,
    &sio_token_command,      &sio_top_command,
    &sio_undrain_command,    NULL,
};

/* Whole texts, to one of the standard streams. */
static void
put_text(const sio_buf *text, FILE *where)
{
    if (text->len > 0)
        fwrite(text->data, 1, text->len, where);
}

static const sio_command *
find_command(const char *name)
{
    for (const sio_command *const *c = commands; *c != NULL; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static int
refuse_command(const char *name)
{
    sio_similar similar = sio_similar_to(name);
    sio_buf     line;

    for (const sio_command *const *c = commands; *c != NULL; c++)
        sio_similar_offer(&similar, (*c)->name);
    sio_buf_init(&line, SIZE_MAX);
    sio_buf_add_str(&line, "siobroker: unknown command ");
    sio_setting_explain_add_quoted(&line, name);
    sio_buf_add_str(&line,
                    similar.nearest != NULL ? "; did you mean \"" : "; see siobroker --help");
    sio_buf_add_str(&line, similar.nearest != NULL ? similar.nearest : "");
    sio_buf_add_str(&line, similar.nearest != NULL ? "\"?\n" : "\n");
    put_text(&line, stderr);
    sio_buf_fini(&line);
    return SIO_COMMAND_USAGE;
}

static int
run_command(const sio_command *command, int argc, char *argv[])
{
    sio_command_line line = {.all = commands};
    sio_buf          output;
    int              status;

    sio_buf_init(&output, SIZE_MAX);
    status = sio_command_line_read(&line, command, argc, argv, &output);
    put_text(&output, status > SIO_COMMAND_DONE ? stderr : stdout);
    sio_buf_fini(&output);
    return status < 0 ? command->run(&line) : status;
}

/* What --help of the program says of the commands, which programs on the library do not have. */
static int
help(char *argv[])
{
    const sio_program program = {.name = "siobroker", .version = SIO_VERSION};
    sio_buf           output;
    sio_cfg           unused;

    sio_buf_init(&output, SIZE_MAX);
    sio_options_parse(2, argv, &program, &unused, &output);
    sio_buf_add_str(&output,
                    "\nCommands, each with a --help of its own (siobroker COMMAND --help):\n");
    for (const sio_command *const *c = commands; *c != NULL; c++)
        sio_command_line_describe(*c, &output);
    put_text(&output, stdout);
    sio_buf_fini(&output);
    return SIO_COMMAND_DONE;
}

int
sio_cli_run(int argc, char *argv[])
{
    const sio_command *command;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return help(argv);
    if (argc < 2 || argv[1][0] == '-')
        return -1;
    if ((command = find_command(argv[1])) == NULL)
        return refuse_command(argv[1]);
    return run_command(command, argc - 1, argv + 1);
}
