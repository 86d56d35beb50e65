/* server/config/options.c - see options.h. */
#include "server/config/options.h"

#include <stdio.h>
#include <string.h>

#include "protocol/result.h"
#include "server/config/config_describe.h"
#include "server/config/config_file.h"
#include "server/config/config_table.h"
#include "server/config/config_tls.h"
#include "server/config/environment.h"
#include "server/config/secret.h"
#include "server/config/setting_explain.h"

/* Options without a letter. */
enum {
    OPT_WORKERS = SIO_OPTION_NO_LETTER,
    OPT_REDIS,
    OPT_CHECK_CONFIG,
    OPT_ENV_PREFIX,
    OPT_LOG_LEVEL,
    OPT_HELP_CONFIG,
    OPT_CLUSTER,
    OPT_DIALECT
};

const sio_option sio_options_table[] = {
    {'p', "port", "N", "listen on TCP port N; 0 takes any free one (default 3100)", "port", NULL},
    {'H', "host", "HOST", "listen on this address only (default: all, IPv6 and IPv4)", "host",
     NULL},
    {'n', "name", "NAME", "name of this instance, in its greeting (default siobroker)", "name",
     NULL},
    {OPT_WORKERS, "workers", "N",
     "serve clients by N processes, or by auto: one for each\n"
     "processor (default 1)",
     "workers", NULL},
    {OPT_REDIS, "redis", "URL",
     "share sessions with other instances through this Redis,\n"
     "redis://[user:password@]host[:port][/db], unix:/path,\n"
     "redis-sentinel://[user:password@]host[:port],.../primary or\n"
     "redis-cluster://[user:password@]host[:port],...;\n"
     "with a password better file:PATH, which has it, or env:NAME",
     "redis", NULL},
    {OPT_CLUSTER, "cluster", "NAME", "which of the clusters in that Redis (default sio)", "cluster",
     NULL},
    {OPT_DIALECT, "dialect", "NAME",
     "node-4: there are processes of socket.io 1 to 4 for Node in\n"
     "the cluster, node-4-sharded: with the sharded adapter,\n"
     "node-4-streams: with the streams adapter, node-0.9: of 0.9;\n"
     "node-4-listen: they, and emitters, are heard, but not\n"
     "answered; python-socketio: of that (default siobroker)",
     "dialect",
     "siobroker node-4 node-4-listen node-4-sharded node-4-streams python-socketio node-0.9 "
     "node-0.9.17"},
    {'c', "config", "FILE",
     "read settings from this JSON file; options on the command\n"
     "line win over it",
     NULL, NULL},
    {OPT_ENV_PREFIX, "env-prefix", "PREFIX",
     "take settings from the environment as well: with SIOBROKER_,\n"
     "SIOBROKER_LOG_LEVEL=3 wins over the file",
     NULL, NULL},
    {OPT_CHECK_CONFIG, "check-config", NULL,
     "check file and options, and the text of FILE.js and its\n"
     "modules, then exit",
     NULL, NULL},
    {OPT_LOG_LEVEL, "log-level", "N", "0 error, 1 warn, 2 info (default), 3 debug", "log level",
     "0 1 2 3"},
    SIO_OPTION_HELP,
    {OPT_HELP_CONFIG, "help-config", NULL, "print every setting that a file may have and exit",
     NULL, NULL},
    {'V', "version", NULL, "print the version and exit", NULL, NULL},
    {0, NULL, NULL, NULL, NULL, NULL},
};

static const char examples[] =
    "\n"
    "Examples:\n"
    "  siobroker\n"
    "  siobroker --port 3101 --name Server2 --redis redis://127.0.0.1:6379\n"
    "  siobroker --config server1.json --check-config\n"
    "  siobroker --log-level 3 app1.js\n";

static const char after_options[] =
    "\n"
    "The log goes to stderr.\n"
    "\n"
    "Signals:\n"
    "  SIGTERM, SIGINT       drain (\"drain delay\", \"drain time\"), then stop accepting,\n"
    "                        end the sessions, send what waits, exit; sent again: go on\n"
    "                        to the next of these steps\n"
    "  SIGALRM               the same: an alarm set before the start ends it\n"
    "  SIGUSR1               write the counters to the log\n"
    "  SIGHUP                read the settings again, all or nothing; --help-config says\n"
    "                        when each of them changes\n"
    "  SIGUSR2               start the program anew, hand over the port, and drain\n"
    "\n"
    "Exit status:\n"
    "  0  stopped by a signal, or nothing to run (--help, --check-config)\n"
    "  1  cannot run: port taken, no descriptors, no memory\n"
    "  2  wrong command line or configuration\n";

/* --- The options of a program on the library. --- */

enum { OPT_OWN = SIO_OPTION_NO_LETTER + 1000 /* and up: those without a letter, by their place */ };

/* Those of the table, and behind them those of the program, in its order. */
typedef struct {
    const sio_program *program;
    sio_option         rows[SIO_OPTION_LIST_MAX + 1];
    size_t             n, n_ours;
} option_rows;

static bool
is_taken(const option_rows *all, const sio_own_option *own)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->rows[i].name, own->name) == 0 ||
            (own->letter != 0 && all->rows[i].code == own->letter))
            return true;
    return false;
}

/* SIO_OK, or SIO_BAD and a line in error. */
static int
add_own_option(option_rows *all, const sio_own_option *own, sio_buf *error)
{
    const int number = OPT_OWN + (int)all->n;

    if (is_taken(all, own) || all->n >= SIO_OPTION_LIST_MAX) {
        sio_option_list_refuse(all->program->name,
                               is_taken(all, own) ? "it has this option twice:"
                                                  : "it has too many options:",
                               own->name, error);
        return SIO_BAD;
    }
    all->rows[all->n++] = (sio_option){
        own->letter != 0 ? own->letter : number, own->name, own->value, own->help, NULL, NULL};
    return SIO_OK;
}

static int
list_options(option_rows *all, const sio_program *program, sio_buf *error)
{
    const sio_own_option *own = program->options;

    *all = (option_rows){.program = program};
    for (; sio_options_table[all->n].name != NULL; all->n++)
        all->rows[all->n] = sio_options_table[all->n];
    all->n_ours = all->n;
    for (; own != NULL && own->name != NULL; own++)
        if (add_own_option(all, own, error) != SIO_OK)
            return SIO_BAD;
    return SIO_OK;
}

static bool
is_own_option(const option_rows *all, const sio_option *option)
{
    return option >= all->rows + all->n_ours;
}

/* --- The first reading: is it well formed, and what does it ask for? --- */

/* What a command line asks for. */
typedef struct {
    const option_rows *all;
    const char        *config_path; /* NULL: none */
    const char        *env_prefix;  /* likewise */
    int                print;       /* the option that asks for text ('h', 'V', ...); 0: none */
    bool               check_only;
    const char        *unexpected; /* an operand; NULL: there is none */
} request;

static int
take_request(void *arg, const sio_option *option, const char *value)
{
    request *req = arg;

    if (option == NULL)
        req->unexpected = value;
    else if (option->code == 'c')
        req->config_path = value;
    else if (option->code == OPT_ENV_PREFIX)
        req->env_prefix = value;
    else if (option->code == OPT_CHECK_CONFIG)
        req->check_only = true;
    else if (option->setting == NULL && req->print == 0 && !is_own_option(req->all, option))
        req->print = option->code;
    return option == NULL ? SIO_BAD : SIO_OK;
}

static int
read_request(int argc, char *const argv[], request *req, sio_buf *output)
{
    const char *const command = req->all->program->name;

    if (sio_option_list_read(req->all->rows, command, argc, argv, take_request, req, output) ==
        SIO_OK)
        return SIO_OPTIONS_RUN;
    if (req->unexpected != NULL)
        sio_option_list_refuse(command, "unexpected argument", req->unexpected, output);
    return SIO_OPTIONS_USAGE;
}

/* Everybody on the machine can see the command lines of all. */
static void
note_secret(const char *key, const char *value, sio_cfg *cfg)
{
    const sio_setting *s = sio_setting_find(&sio_settings, key);

    if (s == NULL || !sio_secret_is_shown(s, value))
        return;
    sio_setting_explain_add_quoted(&cfg->notes, key);
    sio_buf_add_str(&cfg->notes, ": ps has shown the password on the command line to every user; "
                                 "file:PATH or env:NAME keeps it out of there\n");
}

/* --- The second reading, of a command line known to be well formed: the settings in it. --- */

typedef struct {
    const option_rows *all;
    sio_cfg           *cfg;
    sio_buf           *error;
} setting_reading;

/* The program says what is wrong. */
static int
take_own_option(const setting_reading *r, const sio_option *option, const char *value)
{
    const sio_program *program = r->all->program;
    const char        *wrong = NULL;

    if (program->take != NULL)
        wrong = program->take(&program->options[option - (r->all->rows + r->all->n_ours)], value,
                              program->arg);
    if (wrong == NULL)
        return SIO_OK;
    sio_buf_add_str(r->error, "--");
    sio_buf_add_str(r->error, option->name);
    sio_buf_add_str(r->error, ": ");
    sio_buf_add_str(r->error, wrong);
    return SIO_BAD;
}

static int
take_setting(void *arg, const sio_option *option, const char *value)
{
    const setting_reading *r = arg;
    int                    rc;

    if (option != NULL && is_own_option(r->all, option))
        return take_own_option(r, option, value);
    if (option == NULL || option->setting == NULL)
        return SIO_OK;
    if ((rc = sio_cfg_fix_text(r->cfg, option->setting, value, r->error)) == SIO_OK)
        note_secret(option->setting, value, r->cfg);
    return rc;
}

static int
options_apply_settings(int argc, char *const argv[], const option_rows *all, sio_cfg *cfg,
                       sio_buf *error)
{
    setting_reading r = {all, cfg, error};

    return sio_option_list_read(all->rows, all->program->name, argc, argv, take_setting, &r, error);
}

/* --- Texts. --- */

static bool
is_siobroker(const sio_program *program)
{
    return strcmp(program->name, "siobroker") == 0;
}

static void
print_usage(const option_rows *all, sio_buf *output)
{
    const sio_program *program = all->program;
    const char        *about = program->about;

    sio_buf_add_str(output, "Usage: ");
    sio_buf_add_str(output, program->name);
    sio_buf_add_str(output,
                    is_siobroker(program) ? " [OPTION]... [FILE.js [ARG]...]\n" : " [OPTION]...\n");
    sio_buf_add_str(output, about != NULL ? about : "A Socket.IO broker.");
    sio_buf_add_str(output, "\n\n");
    sio_option_list_describe(all->rows, output);
    if (is_siobroker(program))
        sio_buf_add_str(output, examples);
    sio_buf_add_str(output, after_options);
}

static int
print_text(int option, const option_rows *all, sio_buf *output)
{
    if (option == 'h') {
        print_usage(all, output);
    } else if (option == OPT_HELP_CONFIG) {
        sio_config_describe(output);
    } else {
        sio_buf_add_str(output, all->program->name);
        sio_buf_add_char(output, ' ');
        sio_buf_add_str(output, all->program->version);
        sio_buf_add_str(output, "\n");
    }
    return SIO_OPTIONS_DONE;
}

/* --- All of it. --- */

/* Begin a line about source, to be completed by an error or by "ok". */
static void
begin_line(sio_buf *output, const char *source)
{
    sio_buf_clear(output);
    sio_buf_add_str(output, source);
    sio_buf_add_str(output, ": ");
}

static int
end_error(sio_buf *output)
{
    sio_buf_add_str(output, "\n");
    return SIO_OPTIONS_USAGE;
}

/* error: a line that has been begun. */
static int
take_environment(const char *prefix, sio_cfg *cfg, sio_buf *error)
{
    if (sio_environment_is_prefix(prefix))
        return sio_environment_apply(cfg, prefix, error);
    sio_buf_add_str(error, "--env-prefix must be of capitals, digits and _, like SIOBROKER_");
    return SIO_ERR_CONFIG;
}

/* The file, the environment over it, then the command line, then the rules across them. */
static int
configure(int argc, char *const argv[], const request *req, sio_cfg *cfg, sio_buf *output)
{
    static const char command_line[] = "command line";
    const char *const path = req->config_path;

    if (path != NULL && sio_config_file_load(cfg, path, output) != SIO_OK)
        return end_error(output);
    begin_line(output, "environment");
    if (req->env_prefix != NULL && take_environment(req->env_prefix, cfg, output) != SIO_OK)
        return end_error(output);
    begin_line(output, command_line);
    if (options_apply_settings(argc, argv, req->all, cfg, output) != SIO_OK)
        return end_error(output);
    begin_line(output, path == NULL ? command_line : path);
    if (sio_cfg_check(cfg, output) != SIO_OK)
        return end_error(output);
    sio_buf_add_str(output, "ok\n");
    return SIO_OPTIONS_RUN;
}

/* A program is an instance called as it is, unless it is said otherwise. */
static int
name_instance(const sio_program *program, sio_cfg *cfg, sio_buf *output)
{
    if (is_siobroker(program) || strcmp(cfg->name, "siobroker") != 0)
        return SIO_OK;
    begin_line(output, "name of the program");
    if (sio_cfg_set_text(cfg, "name", program->name, output) != SIO_OK) {
        end_error(output);
        return SIO_BAD;
    }
    sio_buf_clear(output);
    return SIO_OK;
}

/* What a start would read beside the settings. */
static int
check_files(const request *req, const sio_cfg *cfg, sio_buf *output)
{
    sio_buf_clear(output);
    begin_line(output, req->config_path == NULL ? "command line" : req->config_path);
    if (sio_config_tls_check_files(cfg, output) != SIO_OK)
        return end_error(output);
    sio_buf_add_str(output, "ok\n");
    return SIO_OPTIONS_RUN;
}

int
sio_options_parse(int argc, char *const argv[], const sio_program *program, sio_cfg *cfg,
                  sio_buf *output)
{
    option_rows all;
    request     req = {.all = &all};
    int         rc;

    if (list_options(&all, program, output) != SIO_OK)
        return SIO_OPTIONS_USAGE;
    if ((rc = read_request(argc, argv, &req, output)) != SIO_OPTIONS_RUN)
        return rc;
    if (req.print != 0)
        return print_text(req.print, &all, output);
    if (name_instance(program, cfg, output) != SIO_OK)
        return SIO_OPTIONS_USAGE;
    rc = configure(argc, argv, &req, cfg, output);
    if (rc == SIO_OPTIONS_RUN && req.check_only &&
        (rc = check_files(&req, cfg, output)) == SIO_OPTIONS_RUN) {
        sio_cfg_advise(cfg, output);
        return SIO_OPTIONS_DONE;
    }
    if (rc == SIO_OPTIONS_RUN)
        sio_buf_clear(output);
    return rc;
}
