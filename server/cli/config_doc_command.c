/* server/cli/config_doc_command.c - the settings in writing: a list of them, and a file to edit. */
#include <stdio.h>
#include <string.h>

#include "server/cli/command_line.h"
#include "server/cli/commands.h"
#include "server/cli/config_document.h"
#include "server/config/config_describe.h"

static int
print_document(void (*add)(sio_buf *out))
{
    sio_buf out;
    bool    is_printed;

    sio_buf_init(&out, SIZE_MAX);
    add(&out);
    is_printed = !out.failed && fwrite(out.data, 1, out.len, stdout) == out.len;
    sio_buf_fini(&out);
    return is_printed && fflush(stdout) == 0 ? SIO_COMMAND_DONE : SIO_COMMAND_FAILED;
}

static int
run_config_doc(const sio_command_line *line)
{
    const char *format = sio_command_line_value(line, "format");

    if (format == NULL || strcmp(format, "text") == 0)
        return print_document(sio_config_describe);
    if (strcmp(format, "md") == 0)
        return print_document(sio_config_document_add_markdown);
    if (strcmp(format, "json") == 0)
        return print_document(sio_config_document_add_json);
    return sio_command_line_fail(line, SIO_COMMAND_USAGE, "--format must be text, md or json");
}

static int
run_config_default(const sio_command_line *line)
{
    (void)line;
    return print_document(sio_config_document_add_defaults);
}

const sio_command sio_config_doc_command = {
    .name = "config-doc",
    .summary = "every setting, with its type, range and default",
    .about = "Prints every setting that a file may have: what it is, what it may be, its default,\n"
             "and when SIGHUP changes it.",
    .options = {{'f', "format", "FORMAT", "text (default), md or json", NULL, "text md json"},
                SIO_OPTION_HELP},
    .run = run_config_doc,
};

const sio_command sio_config_default_command = {
    .name = "config-default",
    .summary = "a configuration file with every default",
    .about = "Prints a configuration file in which every setting is as it is without a file.\n"
             "Better keep only what you change: what is not there follows later versions.",
    .options = {SIO_OPTION_HELP},
    .run = run_config_default,
};
