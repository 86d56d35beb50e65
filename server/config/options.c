/* server/config/options.c - see options.h. */
#include "server/config/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "protocol/result.h"
#include "server/config/config_file.h"
#include "server/config/config_describe.h"
#include "server/config/config_table.h"
#include "server/config/secret.h"
#include "server/config/setting_explain.h"

/* Options without a short form have these values. */
enum {
    OPT_REDIS = 256,
    OPT_CHECK_CONFIG,
    OPT_LOG_LEVEL,
    OPT_HELP_CONFIG,
    OPT_CLUSTER,
    OPT_DIALECT
};

static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},
    {"name", required_argument, NULL, 'n'},
    {"host", required_argument, NULL, 'H'},
    {"redis", required_argument, NULL, OPT_REDIS},
    {"cluster", required_argument, NULL, OPT_CLUSTER},
    {"dialect", required_argument, NULL, OPT_DIALECT},
    {"config", required_argument, NULL, 'c'},
    {"check-config", no_argument, NULL, OPT_CHECK_CONFIG},
    {"log-level", required_argument, NULL, OPT_LOG_LEVEL},
    {"help", no_argument, NULL, 'h'},
    {"help-config", no_argument, NULL, OPT_HELP_CONFIG},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* "+": stop at what is no option; ":": tell a missing value from an unknown option. */
static const char short_options[] = "+:p:n:H:c:hV";

static const char usage[] =
    "Usage: siobroker [OPTION]...\n"
    "A Socket.IO broker.\n"
    "\n"
    "  -p, --port N          listen on TCP port N; 0 takes any free one (default 3100)\n"
    "  -H, --host HOST       listen on this address only (default: all, IPv6 and IPv4)\n"
    "  -n, --name NAME       name of this instance, in its greeting (default siobroker)\n"
    "      --redis URL       share sessions with other instances through this Redis,\n"
    "                        redis://[user:password@]host[:port][/db] or unix:/path;\n"
    "                        with a password better file:PATH, which has it, or env:NAME\n"
    "      --cluster NAME    which of the clusters in that Redis (default sio)\n"
    "      --dialect NAME    node-0.9: there are processes of socket.io 0.9 for Node in\n"
    "                        the cluster (default siobroker: there are none)\n"
    "  -c, --config FILE     read settings from this JSON file; options on the command\n"
    "                        line win over it\n"
    "      --check-config    check file and options, then exit\n"
    "      --log-level N     0 error, 1 warn, 2 info (default), 3 debug\n"
    "  -h, --help            print this and exit\n"
    "      --help-config     print every setting that a file may have and exit\n"
    "  -V, --version         print the version and exit\n"
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
} request;

/* The setting behind an option; NULL for those that are none. */
static const char *
setting_of(int option)
{
    switch (option) {
    case 'p':
        return "port";
    case 'n':
        return "name";
    case 'H':
        return "host";
    case OPT_REDIS:
        return "redis";
    case OPT_CLUSTER:
        return "cluster";
    case OPT_DIALECT:
        return "dialect";
    case OPT_LOG_LEVEL:
        return "log level";
    default:
        return NULL;
    }
}

/* One line that names what is wrong, and where help is. */
static int
fail_usage(const char *problem, const char *what, sio_buf *output)
{
    sio_buf_clear(output);
    sio_buf_add_str(output, "siobroker: ");
    sio_buf_add_str(output, problem);
    sio_buf_add_str(output, " ");
    sio_setting_explain_add_quoted(output, what);
    sio_buf_add_str(output, "; see siobroker --help\n");
    return SIO_OPTIONS_USAGE;
}

/* getopt has refused something: find out what it was. */
static int
fail_option(int answer, char *const argv[], sio_buf *output)
{
    const char  letter[] = {'-', (char)optopt, '\0'};
    const bool  is_letter = optopt > 0 && optopt < OPT_REDIS && argv[optind - 1][1] != '-';
    const char *what = is_letter ? letter : argv[optind - 1];

    if (answer == ':')
        return fail_usage("missing value after", what, output);
    if (!is_letter && optopt != 0)
        return fail_usage("unexpected value in", what, output);
    return fail_usage("unknown option", what, output);
}

/* First reading: is it well formed, and what does it ask for? */
static int
read_request(int argc, char *const argv[], request *req, sio_buf *output)
{
    int option;

    optind = 0; /* glibc: begin afresh */
    opterr = 0; /* the messages are ours */
    while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return fail_option(option, argv, output);
        if (option == 'c')
            req->config_path = optarg;
        else if (option == OPT_CHECK_CONFIG)
            req->check_only = true;
        else if (setting_of(option) == NULL && req->print == 0)
            req->print = option;
    }
    if (optind < argc)
        return fail_usage("unexpected argument", argv[optind], output);
    return SIO_OPTIONS_RUN;
}

/* Everybody on the machine can see the command lines of all. */
static void
note_secret(const char *key, const char *value, sio_cfg *cfg)
{
    const sio_setting *s = sio_setting_find(key);

    if (s == NULL || !sio_secret_is_shown(s, value))
        return;
    sio_setting_explain_add_quoted(&cfg->notes, key);
    sio_buf_add_str(&cfg->notes, ": ps has shown the password on the command line to every user; "
                                 "file:PATH or env:NAME keeps it out of there\n");
}

/* Second reading, of a command line known to be well formed: the settings in it. */
static int
options_apply_settings(int argc, char *const argv[], sio_cfg *cfg, sio_buf *error)
{
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        const char *key = setting_of(option);
        int         rc;

        if (key == NULL)
            continue;
        if ((rc = sio_cfg_set_text(cfg, key, optarg, error)) != SIO_OK)
            return rc;
        note_secret(key, optarg, cfg);
    }
    return SIO_OK;
}

static int
print_text(int option, const char *version, sio_buf *output)
{
    if (option == 'h') {
        sio_buf_add_str(output, usage);
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
    request req = {NULL, 0, false};
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
