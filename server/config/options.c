/* server/config/options.c - see options.h. */
#include "server/config/options.h"

#include <stdio.h>
#include <string.h>

#include "protocol/result.h"
#include "server/config/config_describe.h"
#include "server/config/config_file.h"
#include "server/config/config_table.h"
#include "server/config/secret.h"
#include "server/config/setting_explain.h"

/* Options without a letter. */
enum {
    OPT_REDIS = SIO_OPTION_NO_LETTER,
    OPT_CHECK_CONFIG,
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
    {OPT_REDIS, "redis", "URL",
     "share sessions with other instances through this Redis,\n"
     "redis://[user:password@]host[:port][/db] or unix:/path;\n"
     "with a password better file:PATH, which has it, or env:NAME",
     "redis", NULL},
    {OPT_CLUSTER, "cluster", "NAME", "which of the clusters in that Redis (default sio)", "cluster",
     NULL},
    {OPT_DIALECT, "dialect", "NAME",
     "node-0.9: there are processes of socket.io 0.9 for Node in\n"
     "the cluster (default siobroker: there are none)",
     "dialect", "siobroker node-0.9 node-0.9.17"},
    {'c', "config", "FILE",
     "read settings from this JSON file; options on the command\n"
     "line win over it",
     NULL, NULL},
    {OPT_CHECK_CONFIG, "check-config", NULL, "check file and options, then exit", NULL, NULL},
    {OPT_LOG_LEVEL, "log-level", "N", "0 error, 1 warn, 2 info (default), 3 debug", "log level",
     "0 1 2 3"},
    SIO_OPTION_HELP,
    {OPT_HELP_CONFIG, "help-config", NULL, "print every setting that a file may have and exit",
     NULL, NULL},
    {'V', "version", NULL, "print the version and exit", NULL, NULL},
    {0, NULL, NULL, NULL, NULL, NULL},
};

static const char before_options[] = "Usage: siobroker [OPTION]...\n"
                                     "A Socket.IO broker.\n"
                                     "\n";

static const char after_options[] =
    "\n"
    "Examples:\n"
    "  siobroker\n"
    "  siobroker --port 3101 --name Server2 --redis redis://127.0.0.1:6379\n"
    "  siobroker --config server1.json --check-config\n"
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
    "  SIGUSR2               nothing but a line in the log\n"
    "\n"
    "Exit status:\n"
    "  0  stopped by a signal, or nothing to run (--help, --check-config)\n"
    "  1  cannot run: port taken, no descriptors, no memory\n"
    "  2  wrong command line or configuration\n";

/* What a command line asks for. */
typedef struct {
    const char *config_path; /* NULL: none */
    int         print;       /* the option that asks for text ('h', 'V', ...); 0: none */
    bool        check_only;
    const char *unexpected; /* an operand; NULL: there is none */
} request;

static int
take_request(void *arg, const sio_option *option, const char *value)
{
    request *req = arg;

    if (option == NULL)
        req->unexpected = value;
    else if (option->code == 'c')
        req->config_path = value;
    else if (option->code == OPT_CHECK_CONFIG)
        req->check_only = true;
    else if (option->setting == NULL && req->print == 0)
        req->print = option->code;
    return option == NULL ? SIO_BAD : SIO_OK;
}

/* First reading: is it well formed, and what does it ask for? */
static int
read_request(int argc, char *const argv[], request *req, sio_buf *output)
{
    static const char command[] = "siobroker";

    if (sio_option_list_read(sio_options_table, command, argc, argv, take_request, req, output) ==
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

/* Second reading, of a command line known to be well formed: the settings in it. */
typedef struct {
    sio_cfg *cfg;
    sio_buf *error;
} setting_reading;

static int
take_setting(void *arg, const sio_option *option, const char *value)
{
    const setting_reading *r = arg;
    int                    rc;

    if (option == NULL || option->setting == NULL)
        return SIO_OK;
    if ((rc = sio_cfg_set_text(r->cfg, option->setting, value, r->error)) == SIO_OK)
        note_secret(option->setting, value, r->cfg);
    return rc;
}

static int
options_apply_settings(int argc, char *const argv[], sio_cfg *cfg, sio_buf *error)
{
    setting_reading r = {cfg, error};

    return sio_option_list_read(sio_options_table, "siobroker", argc, argv, take_setting, &r,
                                error);
}

static void
print_usage(sio_buf *output)
{
    sio_buf_add_str(output, before_options);
    sio_option_list_describe(sio_options_table, output);
    sio_buf_add_str(output, after_options);
}

static int
print_text(int option, const char *version, sio_buf *output)
{
    if (option == 'h') {
        print_usage(output);
    } else if (option == OPT_HELP_CONFIG) {
        sio_config_describe(output);
    } else {
        sio_buf_add_str(output, "siobroker ");
        sio_buf_add_str(output, version);
        sio_buf_add_str(output, "\n");
    }
    return SIO_OPTIONS_DONE;
}

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

/* The file, then the command line over it, then the rules across both. */
static int
configure(int argc, char *const argv[], const char *path, sio_cfg *cfg, sio_buf *output)
{
    static const char command_line[] = "command line";

    if (path != NULL && sio_config_file_load(cfg, path, output) != SIO_OK)
        return end_error(output);
    begin_line(output, command_line);
    if (options_apply_settings(argc, argv, cfg, output) != SIO_OK)
        return end_error(output);
    begin_line(output, path == NULL ? command_line : path);
    if (sio_cfg_check(cfg, output) != SIO_OK)
        return end_error(output);
    sio_buf_add_str(output, "ok\n");
    return SIO_OPTIONS_RUN;
}

int
sio_options_parse(int argc, char *const argv[], const char *version, sio_cfg *cfg, sio_buf *output)
{
    request req = {NULL, 0, false, NULL};
    int     rc = read_request(argc, argv, &req, output);

    if (rc != SIO_OPTIONS_RUN)
        return rc;
    if (req.print != 0)
        return print_text(req.print, version, output);
    rc = configure(argc, argv, req.config_path, cfg, output);
    if (rc == SIO_OPTIONS_RUN && req.check_only) {
        sio_cfg_advise(cfg, output);
        return SIO_OPTIONS_DONE;
    }
    if (rc == SIO_OPTIONS_RUN)
        sio_buf_clear(output);
    return rc;
}
