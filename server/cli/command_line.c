#include "server/cli/command_line.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "protocol/result.h"
#include "protocol/whole_number.h"
#include "server/cli/printable.h"

/* --- Reading. --- */

typedef struct {
    sio_command_line *line;
    const char       *unexpected; /* an operand too many */
    bool              wants_help;
} command_reading;

/* SIO_OK, or SIO_BAD: it is one too many. */
static int
take_operand(sio_command_line *line, const char *value)
{
    const sio_command *command = line->command;

    if (line->operand == NULL && command->operand != NULL) {
        line->operand = value;
        return SIO_OK;
    }
    if (command->more == NULL || line->n_more == SIO_COMMAND_MAX_MORE)
        return SIO_BAD;
    line->more[line->n_more++] = value;
    return SIO_OK;
}

static int
take_argument(void *arg, const sio_option *option, const char *value)
{
    command_reading  *r = arg;
    sio_command_line *line = r->line;

    if (option == NULL) {
        if (take_operand(line, value) != SIO_OK) {
            r->unexpected = value;
            return SIO_BAD;
        }
    } else if (option->code == 'h') {
        r->wants_help = true;
    } else {
        line->values[option - line->command->options] = value != NULL ? value : "";
    }
    return SIO_OK;
}

static void
add_synopsis(const sio_command *command, sio_buf *out)
{
    sio_buf_add_str(out, "Usage: siobroker ");
    sio_buf_add_str(out, command->name);
    sio_buf_add_str(out, " [OPTION]...");
    if (command->operand != NULL) {
        sio_buf_add_char(out, ' ');
        sio_buf_add_str(out, command->operand);
    }
    if (command->more != NULL) {
        sio_buf_add_str(out, " [");
        sio_buf_add_str(out, command->more);
        sio_buf_add_str(out, "]...");
    }
    sio_buf_add_char(out, '\n');
}

static void
add_help(const sio_command *command, sio_buf *out)
{
    static const char usual[] = "0: done; 1: it has failed; 2: wrong command line";

    add_synopsis(command, out);
    sio_buf_add_str(out, command->about);
    sio_buf_add_str(out, "\n\n");
    sio_option_list_describe(command->options, out);
    sio_buf_add_str(out, "\nExit status: ");
    sio_buf_add_str(out, command->exits != NULL ? command->exits : usual);
    sio_buf_add_char(out, '\n');
}

static int
refuse_line(const char *name, const command_reading *r, sio_buf *output)
{
    if (r->unexpected != NULL)
        sio_option_list_refuse(name, "unexpected argument", r->unexpected, output);
    return SIO_COMMAND_USAGE;
}

int
sio_command_line_read(sio_command_line *line, const sio_command *command, int argc,
                      char *const argv[], sio_buf *output)
{
    command_reading r = {line, NULL, false};
    char            name[64];

    *line = (sio_command_line){.command = command, .all = line->all};
    snprintf(name, sizeof name, "siobroker %s", command->name);
    if (sio_option_list_read(command->options, name, argc, argv, take_argument, &r, output) !=
        SIO_OK)
        return refuse_line(name, &r, output);
    if (r.wants_help) {
        add_help(command, output);
        return SIO_COMMAND_DONE;
    }
    if (command->operand == NULL || line->operand != NULL)
        return -1;
    sio_option_list_refuse(name, "missing", command->operand, output);
    return SIO_COMMAND_USAGE;
}

const char *
sio_command_line_value(const sio_command_line *line, const char *name)
{
    const sio_option *options = line->command->options;
    size_t            i = 0;

    while (options[i].name != NULL && strcmp(options[i].name, name) != 0)
        i++;
    assert(options[i].name != NULL);
    return line->values[i];
}

int
sio_command_line_number(const sio_command_line *line, const char *name, unsigned least,
                        unsigned most, unsigned *value)
{
    const char *text = sio_command_line_value(line, name);
    size_t      n = 0;

    if (text == NULL)
        return SIO_COMMAND_DONE;
    if (sio_whole_number(sio_view_of(text), most, &n) != SIO_OK || n < least)
        return sio_command_line_fail(line, SIO_COMMAND_USAGE,
                                     "--%s must be a number from %u to %u, got \"%.40s\"", name,
                                     least, most, text);
    *value = (unsigned)n;
    return SIO_COMMAND_DONE;
}

/* --- Saying. --- */

void
sio_command_line_describe(const sio_command *command, sio_buf *out)
{
    char text[200];

    snprintf(text, sizeof text, "  %s%s%s", command->name, command->operand != NULL ? " " : "",
             command->operand != NULL ? command->operand : "");
    sio_buf_add_str(out, text);
    for (size_t column = strlen(text); column < 24; column++)
        sio_buf_add_char(out, ' ');
    sio_buf_add_str(out, command->summary);
    sio_buf_add_char(out, '\n');
}

int
sio_command_line_fail(const sio_command_line *line, int status, const char *format, ...)
{
    char    text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sio_printable(text);
    fprintf(stderr, "siobroker %s: %s\n", line->command->name, text);
    return status;
}
