/* server/cli/manual_command.c - the tables of the manual pages, in mdoc(7). */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "server/cli/command_line.h"
#include "server/cli/commands.h"
#include "server/config/config_table.h"
#include "server/config/options.h"
#include "server/config/setting_explain.h"

/* --- Text. --- */

/*
 * Append text as a line, or lines where it has line ends. What roff would read is escaped: a
 * backslash anywhere, and at the beginning of a line a dot or an apostrophe.
 */
static void
add_text(const char *text, sio_buf *out)
{
    bool is_begin = true;

    for (; *text != '\0'; text++) {
        if (is_begin && (*text == '.' || *text == '\''))
            sio_buf_add_str(out, "\\&");
        if (*text == '\\')
            sio_buf_add_str(out, "\\e");
        else
            sio_buf_add_char(out, *text);
        is_begin = *text == '\n';
    }
    sio_buf_add_char(out, '\n');
}

/* The same as an argument of a macro: quoted, as a word of it may be the name of one. */
static void
add_argument(const char *text, sio_buf *out)
{
    sio_buf_add_str(out, " \"");
    for (; *text != '\0'; text++)
        switch (*text) {
        case '\\':
            sio_buf_add_str(out, "\\e");
            break;
        case '"':
            sio_buf_add_str(out, "\"\"");
            break;
        default:
            sio_buf_add_char(out, *text);
        }
    sio_buf_add_char(out, '"');
}

/* --- Options and commands. --- */

/* .It Fl p , Fl -port Ar N */
static void
add_option(const sio_option *o, sio_buf *out)
{
    const char letter[] = {' ', 'F', 'l', ' ', (char)o->code, ' ', ',', '\0'};

    sio_buf_add_str(out, ".It");
    sio_buf_add_str(out, o->code < SIO_OPTION_NO_LETTER ? letter : "");
    sio_buf_add_str(out, " Fl -");
    sio_buf_add_str(out, o->name);
    if (o->value != NULL) {
        sio_buf_add_str(out, " Ar");
        add_argument(o->value, out);
    }
    sio_buf_add_char(out, '\n');
    add_text(o->help, out);
}

static void
add_options(const sio_option *options, sio_buf *out)
{
    sio_buf_add_str(out, ".Bl -tag -width Ds\n");
    for (; options->name != NULL; options++)
        add_option(options, out);
    sio_buf_add_str(out, ".El\n");
}

static void
add_program(const sio_command *const *all, sio_buf *out)
{
    (void)all;
    add_options(sio_options_table, out);
}

/* Lines that begin with two blanks are an example. */
static void
add_about(const char *about, sio_buf *out)
{
    bool in_example = false;
    char line[200];

    while (*about != '\0') {
        const size_t len = strcspn(about, "\n");

        snprintf(line, sizeof line, "%.*s", (int)len, about);
        if (in_example != (line[0] == ' ')) {
            sio_buf_add_str(out, in_example ? ".Ed\n" : ".Bd -literal -compact -offset indent\n");
            in_example = !in_example;
        }
        add_text(in_example ? line + 2 : line, out);
        about += len + (about[len] == '\n' ? 1 : 0);
    }
    sio_buf_add_str(out, in_example ? ".Ed\n" : "");
}

static void
add_command(const sio_command *c, sio_buf *out)
{
    static const char usual[] = "0: done; 1: it has failed; 2: wrong command line";

    sio_buf_add_str(out, ".Ss ");
    sio_buf_add_str(out, c->name);
    sio_buf_add_str(out, "\n.Nm siobroker Cm ");
    sio_buf_add_str(out, c->name);
    sio_buf_add_str(out, " Op Ar option ...\n");
    if (c->operand != NULL) {
        sio_buf_add_str(out, ".Ar ");
        sio_buf_add_str(out, c->operand);
        sio_buf_add_char(out, '\n');
    }
    sio_buf_add_str(out, ".Pp\n");
    add_about(c->about, out);
    sio_buf_add_str(out, ".Pp\n");
    add_options(c->options, out);
    sio_buf_add_str(out, ".Pp\nExit status:\n");
    add_text(c->exits != NULL ? c->exits : usual, out);
}

static void
add_commands(const sio_command *const *all, sio_buf *out)
{
    for (const sio_command *const *c = all; *c != NULL; c++)
        add_command(*c, out);
}

/* --- Settings. --- */

static void
add_setting(const sio_setting *s, sio_buf *out)
{
    sio_buf allowed;

    sio_buf_init(&allowed, SIZE_MAX);
    sio_setting_explain_allowed(s, &allowed);
    sio_buf_add_char(&allowed, '\0');
    sio_buf_add_str(out, ".It Cm");
    add_argument(s->key, out);
    sio_buf_add_char(out, '\n');
    add_text(s->help, out);
    sio_buf_add_str(out, ".br\nIt is ");
    sio_buf_add_str(out, allowed.failed ? "" : allowed.data);
    sio_buf_add_str(out, ".\nDefault:\n.Li");
    add_argument(sio_setting_explain_default(s), out);
    sio_buf_add_str(out, " ;\n");
    add_text(sio_setting_explain_reload(s), out);
    sio_buf_fini(&allowed);
}

static void
add_settings(const sio_command *const *all, sio_buf *out)
{
    (void)all;
    for (size_t i = 0; i < sio_n_settings; i++) {
        if (sio_settings[i].kind != SIO_SETTING_SECTION) {
            add_setting(&sio_settings[i], out);
            continue;
        }
        sio_buf_add_str(out, i > 0 ? ".El\n.Ss " : ".Ss ");
        add_text(sio_settings[i].help, out);
        sio_buf_add_str(out, ".Bl -tag -width Ds\n");
    }
    sio_buf_add_str(out, ".El\n");
}

/* --- The command. --- */

static const struct {
    const char *name;
    void (*add)(const sio_command *const *all, sio_buf *out);
} parts[] = {{"options", add_program}, {"commands", add_commands}, {"settings", add_settings}};

static int
run_manual(const sio_command_line *line)
{
    sio_buf out;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strcmp(parts[i].name, line->operand) != 0)
            continue;
        sio_buf_init(&out, SIZE_MAX);
        parts[i].add(line->all, &out);
        fwrite(out.data, 1, out.len, stdout);
        sio_buf_fini(&out);
        return SIO_COMMAND_DONE;
    }
    return sio_command_line_fail(line, SIO_COMMAND_USAGE,
                                 "PART must be options, commands or settings");
}

const sio_command sio_manual_command = {
    .name = "manual",
    .operand = "PART",
    .words = "options commands settings",
    .summary = "tables of the manual pages",
    .about =
        "Prints a part of siobroker(8) or siobroker.conf(5) in mdoc, for those who build them.\n"
        "PART is options, commands or settings.",
    .options = {SIO_OPTION_HELP},
    .run = run_manual,
};
