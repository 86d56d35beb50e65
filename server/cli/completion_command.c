/* server/cli/completion_command.c - what a shell needs to complete our command lines. */
#include <stdio.h>
#include <string.h>

#include "server/cli/command_line.h"
#include "server/cli/commands.h"
#include "server/config/options.h"

/* Does the name of a file follow? */
static bool
takes_file(const sio_option *o)
{
    return o->value != NULL && strcmp(o->value, "FILE") == 0;
}

static void
add_command_names(const sio_command *const *all, sio_buf *out)
{
    for (const sio_command *const *c = all; *c != NULL; c++) {
        sio_buf_add_str(out, c != all ? " " : "");
        sio_buf_add_str(out, (*c)->name);
    }
}

/* --- bash. --- */

/* "-c --config --check-config" */
static void
add_bash_options(const sio_option *options, sio_buf *out)
{
    for (const sio_option *o = options; o->name != NULL; o++) {
        const char letter[] = {'-', (char)o->code, ' ', '\0'};

        sio_buf_add_str(out, o != options ? " " : "");
        sio_buf_add_str(out, o->code < SIO_OPTION_NO_LETTER ? letter : "");
        sio_buf_add_str(out, "--");
        sio_buf_add_str(out, o->name);
    }
}

/* `:check:--config|:check:-c)`: the word before the one to complete, of that command. */
static void
add_bash_pattern(const char *command, const sio_option *o, sio_buf *out)
{
    const char letter[] = {'-', (char)o->code, '|', '\0'};

    sio_buf_add_str(out, "    ");
    if (o->code < SIO_OPTION_NO_LETTER) {
        sio_buf_add_str(out, command);
        sio_buf_add_char(out, ':');
        sio_buf_add_str(out, letter);
    }
    sio_buf_add_str(out, command);
    sio_buf_add_str(out, ":--");
    sio_buf_add_str(out, o->name);
    sio_buf_add_str(out, ")");
}

/* What follows an option that takes a value: a file, one of some words, or nothing that we know. */
static void
add_bash_values(const char *command, const sio_option *options, sio_buf *out)
{
    for (const sio_option *o = options; o->name != NULL; o++) {
        if (o->value == NULL)
            continue;
        add_bash_pattern(command, o, out);
        if (takes_file(o)) {
            sio_buf_add_str(out, " _siobroker_files; return ;;\n");
        } else if (o->words != NULL) {
            sio_buf_add_str(out, " words='");
            sio_buf_add_str(out, o->words);
            sio_buf_add_str(out, "' ;;\n");
        } else {
            sio_buf_add_str(out, " return ;;\n");
        }
    }
}

static void
add_bash_command(const sio_command *c, sio_buf *out)
{
    sio_buf_add_str(out, "    ");
    sio_buf_add_str(out, c->name);
    sio_buf_add_str(out, ":*) words='");
    add_bash_options(c->options, out);
    if (c->words != NULL) {
        sio_buf_add_char(out, ' ');
        sio_buf_add_str(out, c->words);
    }
    sio_buf_add_str(out, "' ;;\n");
}

static void
add_bash(const sio_command *const *all, sio_buf *out)
{
    sio_buf_add_str(out, "# bash completion for siobroker, made by `siobroker completion bash`\n"
                         "_siobroker_files() {\n"
                         "    compopt -o filenames 2>/dev/null\n"
                         "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                         "}\n"
                         "_siobroker() {\n"
                         "    local word=${COMP_WORDS[COMP_CWORD]} words= command=\n"
                         "    local before=${COMP_WORDS[COMP_CWORD-1]}\n"
                         "    COMPREPLY=()\n"
                         "    if [[ $word == = ]]; then\n" /* --option= is two words for bash */
                         "        word=\n"
                         "    elif [[ $before == = ]]; then\n"
                         "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
                         "    fi\n"
                         "    ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]] &&\n"
                         "        command=${COMP_WORDS[1]}\n"
                         "    case $command:$before in\n");
    add_bash_values("", sio_options_table, out);
    for (const sio_command *const *c = all; *c != NULL; c++)
        add_bash_values((*c)->name, (*c)->options, out);
    for (const sio_command *const *c = all; *c != NULL; c++)
        add_bash_command(*c, out);
    sio_buf_add_str(out, "    :*) words='");
    add_bash_options(sio_options_table, out);
    sio_buf_add_str(out, "'\n        ((COMP_CWORD > 1)) || words+=' ");
    add_command_names(all, out);
    sio_buf_add_str(out, "' ;;\n"
                         "    esac\n"
                         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                         "}\n"
                         "complete -F _siobroker siobroker\n");
}

/* --- zsh. --- */

/* The first line of a help text, without what _arguments and its quotes would read. */
static void
add_zsh_help(const char *help, sio_buf *out)
{
    for (; *help != '\0' && *help != '\n'; help++) {
        if (*help == '\'')
            sio_buf_add_str(out, "'\\''");
        else if (strchr(":[]\\", *help) != NULL)
            sio_buf_add(out, (const char[]){'\\', *help}, 2);
        else
            sio_buf_add_char(out, *help);
    }
}

/* '(-c --config)'{-c,--config}'[read settings ...]:FILE:_files' */
static void
add_zsh_option(const sio_option *o, sio_buf *out)
{
    char name[80];

    if (o->code < SIO_OPTION_NO_LETTER)
        snprintf(name, sizeof name, "'(-%c --%s)'{-%c,--%s}", o->code, o->name, o->code, o->name);
    else
        snprintf(name, sizeof name, "--%s", o->name);
    sio_buf_add_str(out, " \\\n            ");
    sio_buf_add_str(out, name);
    sio_buf_add_str(out, "'[");
    add_zsh_help(o->help, out);
    sio_buf_add_char(out, ']');
    if (o->value != NULL) {
        sio_buf_add_char(out, ':');
        sio_buf_add_str(out, o->value);
        sio_buf_add_char(out, ':');
        if (takes_file(o))
            sio_buf_add_str(out, "_files");
        if (o->words != NULL) {
            sio_buf_add_char(out, '(');
            sio_buf_add_str(out, o->words);
            sio_buf_add_char(out, ')');
        }
    }
    sio_buf_add_char(out, '\'');
}

static void
add_zsh_options(const sio_option *options, sio_buf *out)
{
    for (; options->name != NULL; options++)
        add_zsh_option(options, out);
}

static void
add_zsh_command(const sio_command *c, sio_buf *out)
{
    sio_buf_add_str(out, "        ");
    sio_buf_add_str(out, c->name);
    sio_buf_add_str(out, ")\n            _arguments");
    add_zsh_options(c->options, out);
    if (c->operand != NULL) {
        sio_buf_add_str(out, " \\\n            '1:");
        sio_buf_add_str(out, c->operand);
        sio_buf_add_str(out, ":(");
        sio_buf_add_str(out, c->words != NULL ? c->words : "");
        sio_buf_add_str(out, ")'");
    }
    if (c->more != NULL) {
        sio_buf_add_str(out, " \\\n            '*:");
        sio_buf_add_str(out, c->more);
        sio_buf_add_str(out, ":'");
    }
    sio_buf_add_str(out, "\n            return ;;\n");
}

static void
add_zsh(const sio_command *const *all, sio_buf *out)
{
    sio_buf_add_str(out, "#compdef siobroker\n"
                         "# made by `siobroker completion zsh`\n"
                         "_siobroker() {\n"
                         "    local -a commands=(");
    for (const sio_command *const *c = all; *c != NULL; c++) {
        sio_buf_add_str(out, "\n        '");
        sio_buf_add_str(out, (*c)->name);
        sio_buf_add_char(out, ':');
        add_zsh_help((*c)->summary, out);
        sio_buf_add_char(out, '\'');
    }
    sio_buf_add_str(out, ")\n"
                         "    if ((CURRENT > 2)); then\n"
                         "        local command=$words[2]\n"
                         "        [[ $command == -* ]] || { shift words; ((CURRENT--)) }\n"
                         "        case $command in\n");
    for (const sio_command *const *c = all; *c != NULL; c++)
        add_zsh_command(*c, out);
    sio_buf_add_str(out, "        esac\n"
                         "    elif [[ $words[CURRENT] != -* ]]; then\n"
                         "        _describe command commands\n"
                         "        return\n"
                         "    fi\n"
                         "    _arguments");
    add_zsh_options(sio_options_table, out);
    sio_buf_add_str(out, "\n}\n"
                         "_siobroker \"$@\"\n");
}

/* --- The command. --- */

static int
run_completion(const sio_command_line *line)
{
    sio_buf out;

    sio_buf_init(&out, SIZE_MAX);
    if (strcmp(line->operand, "bash") == 0)
        add_bash(line->all, &out);
    else if (strcmp(line->operand, "zsh") == 0)
        add_zsh(line->all, &out);
    else
        return sio_command_line_fail(line, SIO_COMMAND_USAGE, "SHELL must be bash or zsh");
    fwrite(out.data, 1, out.len, stdout);
    sio_buf_fini(&out);
    return SIO_COMMAND_DONE;
}

const sio_command sio_completion_command = {
    .name = "completion",
    .operand = "SHELL",
    .words = "bash zsh",
    .summary = "what a shell needs to complete command lines",
    .about = "Prints completion for SHELL, which is bash or zsh:\n"
             "  siobroker completion bash >/etc/bash_completion.d/siobroker\n"
             "  siobroker completion zsh >/usr/local/share/zsh/site-functions/_siobroker",
    .options = {SIO_OPTION_HELP},
    .run = run_completion,
};
