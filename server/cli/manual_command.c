/* server/cli/manual_command.c - the tables of the manual pages, in mdoc(7). */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "server/cli/command_line.h"
#include "server/cli/commands.h"
#include "server/config/config_names.h"
#include "server/config/config_table.h"
#include "server/config/options.h"
#include "server/config/setting_explain.h"
#include "server/config/setting_walk.h"

/* --- Text. --- */

/* What roff would read: a backslash anywhere; a dot or an apostrophe at the beginning of a line. */
static void
add_literal(sio_view line, sio_buf *out)
{
    if (line.len > 0 && (line.data[0] == '.' || line.data[0] == '\''))
        sio_buf_add_str(out, "\\&");
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] == '\\')
            sio_buf_add_str(out, "\\e");
        else
            sio_buf_add_char(out, line.data[i] == '\n' ? ' ' : line.data[i]);
    sio_buf_add_char(out, '\n');
}

/* Does a sentence end with this line, and another one begin with the next word? */
static bool
is_between_sentences(sio_view line, const char *next)
{
    return line.len > 0 && strchr(".?!", line.data[line.len - 1]) != NULL &&
           isupper((unsigned char)*next);
}

/* "sio_join()" */
static bool
is_function(sio_view word)
{
    return word.len > 2 && memcmp(word.data + word.len - 2, "()", 2) == 0;
}

static void
end_line(sio_view *line, sio_buf *out)
{
    if (line->len > 0)
        add_literal(*line, out);
    *line = SIO_VIEW("");
}

/* Add a word to a line, which may have to end before. */
static void
add_word(sio_view *line, sio_view word, sio_buf *out)
{
    enum { MAX_LINE = 76 };

    if (is_function(word)) {
        end_line(line, out);
        sio_buf_add_str(out, ".Fn ");
        add_literal((sio_view){word.data, word.len - 2}, out);
        return;
    }
    if (line->len > 0 && ((size_t)(word.data - line->data) + word.len > MAX_LINE ||
                          is_between_sentences(*line, word.data)))
        end_line(line, out);
    if (line->len == 0)
        *line = word;
    else
        line->len = (size_t)(word.data - line->data) + word.len;
}

/*
 * Append text, whose line ends mean nothing, in short lines. A sentence begins on a line of its
 * own, as mdoc wants it.
 */
static void
add_escaped_text(const char *text, sio_buf *out)
{
    static const char blanks[] = " \n";
    sio_view          line = SIO_VIEW("");

    for (text += strspn(text, blanks); *text != '\0'; text += strspn(text, blanks)) {
        const sio_view word = {text, strcspn(text, blanks)};

        add_word(&line, word, out);
        text += word.len;
    }
    end_line(&line, out);
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
    add_escaped_text(o->help, out);
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

/* How many bytes of text are lines of one kind: examples begin with two blanks. */
static size_t
same_lines(const char *text)
{
    const bool is_example = *text == ' ';
    size_t     n = 0;

    while (text[n] != '\0' && (text[n] == ' ') == is_example) {
        n += strcspn(text + n, "\n");
        n += text[n] == '\n' ? 1 : 0;
    }
    return n;
}

static void
add_example(const char *text, size_t n, sio_buf *out)
{
    sio_buf_add_str(out, ".Bd -literal -offset indent\n");
    for (const char *end = text + n; text < end;) {
        const size_t len = strcspn(text, "\n");

        add_literal((sio_view){text + 2, len - 2}, out);
        text += len + (text[len] == '\n' ? 1 : 0);
    }
    sio_buf_add_str(out, ".Ed\n");
}

static void
add_about(const char *about, sio_buf *out)
{
    char   text[1024];
    size_t n;

    for (; (n = same_lines(about)) > 0; about += n) {
        if (*about == ' ') {
            add_example(about, n, out);
            continue;
        }
        snprintf(text, sizeof text, "%.*s", (int)n, about);
        sio_buf_add_str(out, ".Pp\n");
        add_escaped_text(text, out);
    }
}

static void
add_command(const sio_command *c, sio_buf *out)
{
    static const char usual[] = "0: done; 1: it has failed; 2: wrong command line";

    sio_buf_add_str(out, ".Ss ");
    sio_buf_add_str(out, c->name);
    sio_buf_add_str(out, "\n.Nm\n.Cm ");
    sio_buf_add_str(out, c->name);
    sio_buf_add_str(out, "\n.Op Ar option ...\n");
    if (c->operand != NULL) {
        sio_buf_add_str(out, ".Ar ");
        sio_buf_add_str(out, c->operand);
        sio_buf_add_char(out, '\n');
    }
    if (c->more != NULL) {
        sio_buf_add_str(out, ".Op Ar ");
        sio_buf_add_str(out, c->more);
        sio_buf_add_str(out, " ...\n");
    }
    add_about(c->about, out);
    add_options(c->options, out);
    sio_buf_add_str(out, ".Pp\nExit status:\n");
    add_escaped_text(c->exits != NULL ? c->exits : usual, out);
}

static void
add_commands(const sio_command *const *all, sio_buf *out)
{
    for (const sio_command *const *c = all; *c != NULL; c++)
        add_command(*c, out);
}

/* --- Settings. --- */

/* Its help, what it may be, its default, and when it changes. */
static void
add_setting(const sio_setting *s, const char *name, sio_buf *out)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_str(&text, "It is ");
    sio_setting_explain_allowed(s, &text);
    sio_buf_add_str(&text, "; default ");
    sio_buf_add_str(&text, sio_setting_explain_default(s));
    sio_buf_add_str(&text, "; ");
    sio_buf_add_str(&text, sio_setting_explain_reload(s));
    sio_buf_add_str(&text, ".");
    sio_buf_add_char(&text, '\0');
    sio_buf_add_str(out, ".It Cm");
    add_argument(name, out);
    sio_buf_add_char(out, '\n');
    add_escaped_text(s->help, out);
    sio_buf_add_str(out, ".Pp\n");
    add_escaped_text(text.failed ? "" : text.data, out);
    sio_buf_fini(&text);
}

static void
add_section_or_setting(const sio_setting *s, const char *name, void *arg)
{
    sio_buf *out = arg;

    if (s->kind != SIO_SETTING_SECTION) {
        add_setting(s, name, out);
        return;
    }
    sio_buf_add_str(out, out->len > 0 ? ".El\n.Ss " : ".Ss ");
    add_escaped_text(s->help, out);
    sio_buf_add_str(out, ".Bl -tag -width Ds\n");
}

static void
add_name(const sio_config_name *row, sio_buf *out)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    sio_config_name_write(row, &text);
    sio_buf_add_char(&text, '\0');
    sio_buf_add_str(out, ".It Cm");
    add_argument(text.failed ? "" : text.data, out);
    sio_buf_add_char(out, '\n');
    sio_buf_clear(&text);
    sio_config_name_explain(row, &text);
    sio_buf_add_char(&text, '\0');
    add_escaped_text(text.failed ? "" : text.data, out);
    sio_buf_fini(&text);
}

static void
add_names(sio_buf *out)
{
    sio_buf_add_str(out, ".Ss " SIO_CONFIG_NAMES_TITLE "\n.Bl -tag -width Ds\n");
    for (const sio_config_name *row = sio_config_names; row->option != NULL; row++)
        add_name(row, out);
    sio_buf_add_str(out, ".El\n");
}

static void
add_settings(const sio_command *const *all, sio_buf *out)
{
    const bool is_whole = sio_setting_walk(add_section_or_setting, out);

    (void)all;
    sio_buf_add_str(out, ".El\n");
    add_names(out);
    out->failed = out->failed || !is_whole;
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
