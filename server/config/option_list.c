#include "server/config/option_list.h"

#include <assert.h>
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "protocol/result.h"
#include "server/config/setting_explain.h"

/* --- Reading. --- */

/* A table as getopt_long wants it. */
typedef struct {
    struct option longs[SIO_OPTION_LIST_MAX + 1];
    char          shorts[2 * SIO_OPTION_LIST_MAX + 3];
} getopt_table;

/* "+": stop at what is no option; ":": tell a missing value from an unknown option. */
static void
fill_table(const sio_option *options, getopt_table *t)
{
    size_t n_shorts = 2, n = 0;

    memcpy(t->shorts, "+:", 2);
    for (; options[n].name != NULL; n++) {
        const int has_value = options[n].value != NULL ? required_argument : no_argument;

        assert(n < SIO_OPTION_LIST_MAX);
        t->longs[n] = (struct option){options[n].name, has_value, NULL, options[n].code};
        if (options[n].code >= SIO_OPTION_NO_LETTER)
            continue;
        t->shorts[n_shorts++] = (char)options[n].code;
        if (has_value == required_argument)
            t->shorts[n_shorts++] = ':';
    }
    t->longs[n] = (struct option){NULL, 0, NULL, 0};
    t->shorts[n_shorts] = '\0';
}

void
sio_option_list_refuse(const char *command, const char *problem, const char *what, sio_buf *error)
{
    sio_buf_add_str(error, command);
    sio_buf_add_str(error, ": ");
    sio_buf_add_str(error, problem);
    sio_buf_add_char(error, ' ');
    sio_setting_explain_add_quoted(error, what);
    sio_buf_add_str(error, "; see ");
    sio_buf_add_str(error, command);
    sio_buf_add_str(error, " --help\n");
}

/* getopt has refused something: find out what it was. */
static int
refuse_option(const char *command, int answer, char *const argv[], sio_buf *error)
{
    const char letter[] = {'-', (char)optopt, '\0'};
    const bool is_letter =
        optopt > 0 && optopt < SIO_OPTION_NO_LETTER && argv[optind - 1][1] != '-';
    const char *what = is_letter ? letter : argv[optind - 1];

    if (answer == ':')
        sio_option_list_refuse(command, "missing value after", what, error);
    else if (!is_letter && optopt != 0)
        sio_option_list_refuse(command, "unexpected value in", what, error);
    else
        sio_option_list_refuse(command, "unknown option", what, error);
    return SIO_BAD;
}

static const sio_option *
find_option(const sio_option *options, int code)
{
    while (options->code != code)
        options++;
    return options;
}

/* Is the next argument the one after which there are only operands? */
static bool
is_end_of_options(int argc, char *const argv[])
{
    const int next = optind > 0 ? optind : 1;

    return next < argc && strcmp(argv[next], "--") == 0;
}

int
sio_option_list_read(const sio_option *options, const char *command, int argc, char *const argv[],
                     sio_option_taker take, void *arg, sio_buf *error)
{
    getopt_table table;
    bool         only_operands = false;
    int          rc = SIO_OK;

    fill_table(options, &table);
    optind = 0; /* glibc: begin afresh */
    opterr = 0; /* the messages are ours */
    while (rc == SIO_OK) {
        const bool ends = is_end_of_options(argc, argv);
        const int  code =
            only_operands ? -1 : getopt_long(argc, argv, table.shorts, table.longs, NULL);

        if (code == '?' || code == ':')
            return refuse_option(command, code, argv, error);
        only_operands = only_operands || (code < 0 && ends);
        if (code >= 0)
            rc = take(arg, find_option(options, code), optarg);
        else if (optind < argc)
            rc = take(arg, NULL, argv[optind++]);
        else
            break;
    }
    return rc;
}

/* --- Printing. --- */

enum { HELP_COLUMN = 24 };

static void
pad_to(sio_buf *out, size_t line_start, size_t column)
{
    do
        sio_buf_add_char(out, ' ');
    while (!out->failed && out->len - line_start < column);
}

/* The lines of a text, each but the first one below the other. */
static void
add_indented(sio_buf *out, const char *text)
{
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        sio_buf_add(out, text, (size_t)(end + 1 - text));
        pad_to(out, out->len, HELP_COLUMN);
    }
    sio_buf_add_str(out, text);
    sio_buf_add_char(out, '\n');
}

static void
describe_option(const sio_option *o, sio_buf *out)
{
    const size_t start = out->len;
    const char   letter[] = {' ', ' ', '-', (char)o->code, ',', ' ', '\0'};

    sio_buf_add_str(out, o->code < SIO_OPTION_NO_LETTER ? letter : "      ");
    sio_buf_add_str(out, "--");
    sio_buf_add_str(out, o->name);
    if (o->value != NULL) {
        sio_buf_add_char(out, ' ');
        sio_buf_add_str(out, o->value);
    }
    pad_to(out, start, HELP_COLUMN);
    add_indented(out, o->help);
}

void
sio_option_list_describe(const sio_option *options, sio_buf *out)
{
    for (; options->name != NULL; options++)
        describe_option(options, out);
}
